"""Every metric of the system with its unit and labels; a name is added here before code uses it.

Labels are bounded: no path, no id of a file, no free text.
"""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

MESSAGES = Counter(
    "framewright_messages_total", "Messages settled, by consumer and how they ended.", ("consumer", "ending")
)
HANDLING = Histogram("framewright_handling_seconds", "Time from delivery to ack.", ("consumer",), buckets=_FAST)
PUBLISHED = Counter("framewright_published_total", "Messages stored on the bus, by subject head.", ("head",))
REQUESTS = Histogram("framewright_http_request_seconds", "HTTP requests answered.", ("route", "status"), buckets=_FAST)
WEBHOOKS = Counter("framewright_webhooks_total", "Webhooks answered, by route and status word.", ("route", "status"))
SETTLED = Counter("framewright_files_settled_total", "Files settled on a server.", ("server_type", "outcome"))
EXTRACTIONS = Counter("framewright_extractions_total", "Extractions finished.", ("path", "ending"))
DECODED = Counter("framewright_frames_decoded_total", "Pictures decoded.")
MEDIA_BYTES = Counter("framewright_media_bytes_read_total", "Bytes read from media files.")
SLOTS_BUSY = Gauge("framewright_extractor_slots_busy", "Extractions running now.")
LISTENING = Gauge("framewright_server_events_listening", "1 while a server's events are heard here.", ("server_id",))
