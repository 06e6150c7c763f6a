"""Who decodes: one backend per kind of device, all behind the same small port."""

import os
import shutil
from collections.abc import Mapping

from framewright.extractor.adapters.backends.cpu import Cpu
from framewright.extractor.adapters.backends.port import Backend
from framewright.extractor.adapters.walk import DeviceFailedError
from framewright.extractor.domain.acceleration import Acceleration, Choices, acceleration_of, by_library
from framewright.extractor.domain.request import CPU

__all__ = ["Backend", "backend_for"]


def backend_for(device: str, threads: int, environment: Mapping[str, str] = os.environ) -> Backend:
    """The backend that decodes on this device, with at most `threads` CPU threads beside it (0: no cap).

    The environment may choose another way to the same device: `FRAMEWRIGHT_CUDA_BACKEND` cuvid or pipe,
    `FRAMEWRIGHT_DRI_BACKEND` vaapi or qsv; `FFMPEG_PATH` names the program where `PATH` does not lead to it;
    `FRAMEWRIGHT_DEVICE_PATIENCE` is how many seconds a silent child is waited for.

    Raises:
        DeviceFailedError: nothing is known about such a device, or what it needs is not there.
    """
    if device == CPU:
        return Cpu(CPU)
    from framewright.extractor.adapters.backends.cuvid import Cuvid  # noqa: PLC0415 - numpy, which the CPU needs not
    from framewright.extractor.adapters.backends.pipe import PATIENCE, Pipe  # noqa: PLC0415

    choices = Choices(environment.get("FRAMEWRIGHT_CUDA_BACKEND", ""), environment.get("FRAMEWRIGHT_DRI_BACKEND", ""))
    try:
        acceleration = acceleration_of(device, choices.render_node)
        patience = float(environment.get("FRAMEWRIGHT_DEVICE_PATIENCE", PATIENCE))
        if acceleration is Acceleration.CUDA and by_library(choices):
            return Cuvid(device)
    except ValueError as error:
        raise DeviceFailedError(str(error)) from error
    return Pipe(device, acceleration, _ffmpeg(environment), threads, patience)


def _ffmpeg(environment: Mapping[str, str]) -> str:
    wanted = environment.get("FFMPEG_PATH") or "ffmpeg"
    found = shutil.which(wanted, path=environment.get("PATH"))
    if found is None:
        raise DeviceFailedError(f"there is no program {wanted}, which this device needs")
    return found
