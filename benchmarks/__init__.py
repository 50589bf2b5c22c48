"""Throughput, latency, CPU and memory of Philae, each against its peers in the same run."""
