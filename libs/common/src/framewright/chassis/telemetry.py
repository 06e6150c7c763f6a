"""Logs, traces and trace context, set up once per process.

Logs are structured, carry the trace id, and pass through redaction; `LOG_FORMAT=json` gives one object per line. Spans are
exported by OTLP/HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; the context travels in NATS headers either way, so that
one trace leads from the webhook to the published file. Metrics are Prometheus' own (see `metrics`).
"""

import logging
import os
import sys
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind

from framewright.chassis.redaction import redacting

tracer = trace.get_tracer("framewright")


def set_up(service: str, *, log_format: str = "pretty", log_level: str = "INFO") -> None:
    """Configure logging and tracing for this process."""
    _set_up_logs(service, log_format, log_level)
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        # Imported here because the exporter costs 15 MB that a box without a collector should not pay.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def shut_down() -> None:
    """Flush the spans that are still buffered."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def inject(headers: MutableMapping[str, str]) -> MutableMapping[str, str]:
    """Add the current trace context (W3C traceparent) to message headers."""
    propagate.inject(headers)
    return headers


@contextmanager
def span(
    name: str, *, headers: Mapping[str, str] | None = None, kind: SpanKind = SpanKind.INTERNAL, **attributes: str | int
) -> Generator[Span]:
    """A span around a piece of work; child of the context in `headers` when given, of the current one otherwise."""
    parent = propagate.extract(dict(headers)) if headers else None
    with tracer.start_as_current_span(name, context=parent, kind=kind, attributes=attributes) as current:
        yield current


def trace_id() -> str:
    """The current trace id in hex, empty outside a span."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


def _set_up_logs(service: str, log_format: str, log_level: str) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        structlog.stdlib.ExtraAdder(),
        # Before the redaction in either format: an error's text may hold a URL with its token.
        structlog.processors.format_exc_info,
        redacting,
    ]
    final = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, final]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log_level)
    # httpx prints whole URLs at INFO, uvicorn one line per request: both belong to debugging.
    for noisy in ("httpx", "httpcore", "uvicorn.access", "uvicorn.error", "nats", "asyncio", "PIL"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[log_level]))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def _add_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    current = trace_id()
    if current:
        event["trace_id"] = current
    return event
