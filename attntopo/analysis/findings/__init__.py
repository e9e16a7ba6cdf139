"""What the project's own studies measured: read, and said in words and figures' numbers."""
