"""What the web interface takes from npm."""
