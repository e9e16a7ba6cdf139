"""Questions asked of many photos: how far they are from each other, and what tells groups apart."""
