"""Run the simulator: `python -m framewright.vendors.emby.simulator --port 8096 --library …`."""

from framewright.vendors.emby.simulator.app import serve

if __name__ == "__main__":
    serve()
