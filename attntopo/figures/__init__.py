"""Arrays in, Plotly figure out; nothing else happens here."""
