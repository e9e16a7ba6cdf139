"""What the pictures are worth: studies whose results the project publishes, whatever they say."""
