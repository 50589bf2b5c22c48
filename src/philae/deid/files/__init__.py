"""Files and folders through the engine: mapped for reading, prepared side by side, never half-written."""
