"""Run the simulator: `python -m framewright.vendors.jellyfin.simulator --port 8096 --library …`."""

from framewright.vendors.jellyfin.simulator.app import serve

if __name__ == "__main__":
    serve()
