"""One visitor's session: the view, its address, pages, uploads, what can't be shown."""
