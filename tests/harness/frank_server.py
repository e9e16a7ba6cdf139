"""The app's server, whose figures are always of this moment: Streamlit keeps them for 5 s."""

from streamlit.web.server.starlette import starlette_routes

if __name__ == "__main__":
    starlette_routes._METRICS_EXPENSIVE_STATS_TTL_SECONDS = 0.0
    from attntopo.ui.server import serve

    serve.main()
