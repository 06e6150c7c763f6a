import pytest

from framewright.extractor.domain.acceleration import (
    CUVID,
    Acceleration,
    Choices,
    Picture,
    acceleration_of,
    by_library,
    cuvid_options,
    device_number,
    filter_chain,
    input_arguments,
    pipe_arguments,
)

NODE = "/dev/dri/renderD128"
KEPT = "-hwaccel_output_format"
SMALL = Picture(320, 180)
DEEP = Picture(320, 180, deep=True)


@pytest.mark.parametrize(
    ("device", "choice", "acceleration"),
    [
        ("cuda:0", "", Acceleration.CUDA),
        ("cuda", "", Acceleration.CUDA),
        (NODE, "", Acceleration.VAAPI),
        (NODE, "vaapi", Acceleration.VAAPI),
        (NODE, "qsv", Acceleration.QSV),
        ("vulkan:1", "", Acceleration.VULKAN),
        ("videotoolbox", "", Acceleration.VIDEOTOOLBOX),
        ("ffmpeg", "", Acceleration.NONE),
        ("cpu", "", Acceleration.NONE),
    ],
)
def test_each_device_has_its_interface(device, choice, acceleration) -> None:
    assert acceleration_of(device, choice) is acceleration


@pytest.mark.parametrize(("device", "choice"), [("toaster:0", ""), ("", ""), (NODE, "cuda"), (NODE, "videotoolbox")])
def test_an_unknown_device_or_choice_is_named(device, choice) -> None:
    with pytest.raises(ValueError, match=r"device|decodes through"):
        acceleration_of(device, choice)


def test_a_choice_for_render_nodes_says_nothing_about_other_devices() -> None:
    assert acceleration_of("cuda:1", "qsv") is Acceleration.CUDA


def test_nvidia_is_used_inside_the_process_unless_a_pipe_is_wished_for() -> None:
    assert by_library(Choices())
    assert by_library(Choices(cuda="cuvid"))
    assert not by_library(Choices(cuda="pipe"))
    with pytest.raises(ValueError, match="nvenc"):
        by_library(Choices(cuda="nvenc"))


@pytest.mark.parametrize(
    ("acceleration", "device", "arguments"),
    [
        (Acceleration.NONE, "ffmpeg", ""),
        (
            Acceleration.CUDA,
            "cuda:1",
            "-hwaccel cuda -hwaccel_device 1 -hwaccel_output_format cuda -threads:v 1",
        ),
        (
            Acceleration.VAAPI,
            NODE,
            f"-hwaccel vaapi -hwaccel_device {NODE} -hwaccel_output_format vaapi -threads:v 1",
        ),
        (
            Acceleration.QSV,
            NODE,
            f"-init_hw_device qsv=gpu:hw,child_device={NODE} -hwaccel qsv -hwaccel_device gpu {KEPT} qsv -threads:v 1",
        ),
        (
            Acceleration.VULKAN,
            "vulkan:0",
            f"-init_hw_device vulkan=gpu:0 -hwaccel vulkan -hwaccel_device gpu {KEPT} vulkan -threads:v 1",
        ),
        (
            Acceleration.VIDEOTOOLBOX,
            "videotoolbox",
            "-hwaccel videotoolbox -hwaccel_output_format videotoolbox_vld -threads:v 1",
        ),
    ],
)
def test_the_device_is_named_before_the_input_and_its_frames_stay_on_it(acceleration, device, arguments) -> None:
    assert input_arguments(acceleration, device) == arguments.split()


@pytest.mark.parametrize(
    ("acceleration", "shallow", "deep"),
    [
        (
            Acceleration.NONE,
            "scale=w=320:h=180:flags=area,format=nv12",
            "scale=w=320:h=180:flags=area,format=p010le",
        ),
        (
            Acceleration.CUDA,
            "scale_cuda=w=320:h=180:format=nv12,hwdownload,format=nv12",
            "scale_cuda=w=320:h=180:format=p010le,hwdownload,format=p010le",
        ),
        (
            Acceleration.VAAPI,
            "scale_vaapi=w=320:h=180:format=nv12,hwdownload,format=nv12",
            "scale_vaapi=w=320:h=180:format=p010le,hwdownload,format=p010le",
        ),
        (
            Acceleration.QSV,
            "vpp_qsv=w=320:h=180:format=nv12,hwdownload,format=nv12",
            "vpp_qsv=w=320:h=180:format=p010le,hwdownload,format=p010le",
        ),
        (
            Acceleration.VULKAN,
            "scale_vulkan=w=320:h=180,hwdownload,format=nv12",
            "scale_vulkan=w=320:h=180,hwdownload,format=p010le",
        ),
        (
            Acceleration.VIDEOTOOLBOX,
            "scale_vt=w=320:h=180,hwdownload,format=nv12",
            "scale_vt=w=320:h=180,hwdownload,format=p010le",
        ),
    ],
)
def test_pictures_are_made_small_on_the_device_before_they_come_down(acceleration, shallow, deep) -> None:
    assert filter_chain(acceleration, SMALL) == shallow
    assert filter_chain(acceleration, DEEP) == deep


def test_a_cap_on_threads_holds_for_decoder_and_filters() -> None:
    assert input_arguments(Acceleration.NONE, "ffmpeg", 2) == ["-threads", "2", "-filter_threads", "2"]
    assert input_arguments(Acceleration.VAAPI, NODE, 2)[:4] == ["-threads", "2", "-filter_threads", "2"]
    assert input_arguments(Acceleration.VAAPI, NODE, 2)[-2:] == ["-threads:v", "1"]


def test_the_whole_command_reads_and_writes_pipes_only() -> None:
    arguments = pipe_arguments(Acceleration.VAAPI, NODE, SMALL, threads=2)

    assert arguments == [
        *("-hide_banner", "-nostdin", "-loglevel", "error"),
        *("-threads", "2", "-filter_threads", "2"),
        *("-hwaccel", "vaapi", "-hwaccel_device", NODE, "-hwaccel_output_format", "vaapi", "-threads:v", "1"),
        *("-copyts", "-noautorotate", "-flags", "output_corrupt", "-max_error_rate", "1"),
        *("-fflags", "+nofillin", "-analyzeduration", "1", "-fpsprobesize", "0"),
        *("-f", "nut", "-i", "pipe:0", "-map", "0:v:0"),
        *("-vf", "scale_vaapi=w=320:h=180:format=nv12,hwdownload,format=nv12"),
        *("-fps_mode", "passthrough", "-enc_time_base", "demux", "-c:v", "rawvideo"),
        *("-avoid_negative_ts", "disabled", "-flush_packets", "1", "-f", "nut", "pipe:1"),
    ]


def test_a_cuvid_decoder_scales_on_the_card_that_was_named() -> None:
    assert cuvid_options("cuda:1", SMALL) == {"gpu": "1", "resize": "320x180", "surfaces": "4"}


def test_devices_are_counted_from_nought() -> None:
    assert [device_number(device) for device in ("cuda", "cuda:0", "vulkan:2")] == ["0", "0", "2"]


def test_each_cuvid_decoder_is_in_the_wheel() -> None:
    import av.codec  # noqa: PLC0415 - the tables need no decoder

    assert set(CUVID.values()) <= av.codec.codecs_available
