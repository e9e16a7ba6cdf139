"""The steps from photo to numbers, each computed once, its result kept."""
