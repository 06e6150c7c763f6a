"""Run the simulator: `python -m framewright.vendors.plex.simulator --port 32400 --library …`."""

from framewright.vendors.plex.simulator.app import serve

if __name__ == "__main__":
    serve()
