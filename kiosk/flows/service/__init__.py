"""Whether the terminal serves: in service, degraded, closed, out of service. Pure, like every flow."""

from kiosk.flows.service.state import STOPS, Mode, Service, ServiceChanged, mode, stopped_by

__all__ = ["STOPS", "Mode", "Service", "ServiceChanged", "mode", "stopped_by"]
