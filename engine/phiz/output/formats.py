"""The kinds of video file that can be made, by their ending, and how ffmpeg is told to make each."""

from dataclasses import dataclass
from pathlib import Path

from phiz.errors import UsageError

__all__ = ["ALPHA_ENDINGS", "COLOUR", "FORMATS", "Format", "check_alpha", "no_alpha"]

# Fixed, never the machine's core count: x264's bitstream depends on its number of threads.
ENCODER_THREADS = ("-threads:v", "4")
COLOUR = (
    "-color_range", "tv", "-colorspace", "bt709", "-color_trc", "bt709", "-color_primaries", "bt709",
)  # fmt: skip


@dataclass(frozen=True)
class Format:
    """What ffmpeg needs to know for one ending.

    muxer: its name. raw: the pixels that the encoder is fed, of those in `phiz.output.yuv.CONVERTERS`.
    raw_alpha: the same for a transparent video; "" where there can be none. video, audio, file: options.
    """

    muxer: str
    raw: str
    raw_alpha: str
    video: tuple[str, ...]
    audio: tuple[str, ...]
    file: tuple[str, ...] = ()

    def raw_for(self, *, alpha: bool) -> str:
        """The pixels to feed for a transparent or an opaque video."""
        return self.raw_alpha if alpha else self.raw


FORMATS = {
    # H.264 and AAC, which everything plays; crf 16 keeps the skin's grain, which 18 smooths away at this
    # preset, and takes no longer.
    ".mp4": Format(
        "mp4", "yuv420p", "",
        ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16", *ENCODER_THREADS, *COLOUR),
        ("-c:a", "aac", "-b:a", "160k"),
        ("-movflags", "+faststart"),
    ),
    # VP9 and Opus, for the web. Frames that are shown out of order (alt-ref) cannot be had with alpha.
    ".webm": Format(
        "webm", "yuv420p", "yuva420p",
        ("-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-crf", "14", "-b:v", "0",
         "-auto-alt-ref", "0", *ENCODER_THREADS, *COLOUR),
        ("-c:a", "libopus", "-b:a", "128k", "-ar", "48000"),
    ),
    # ProRes 4444 and plain samples, for editing.
    ".mov": Format(
        "mov", "rgba", "rgba",
        ("-vf", "scale=flags=accurate_rnd+full_chroma_int:out_color_matrix=bt709:out_range=tv",
         "-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le", "-vendor", "apl0",
         *ENCODER_THREADS, *COLOUR),
        ("-c:a", "pcm_s16le"),
        ("-movflags", "+faststart"),
    ),
}  # fmt: skip

ALPHA_ENDINGS = tuple(ending for ending, kind in FORMATS.items() if kind.raw_alpha)


def check_alpha(path: Path) -> None:
    """Raise UsageError unless a video of this name can be transparent."""
    if path.suffix.lower() not in ALPHA_ENDINGS:
        raise no_alpha(path)


def no_alpha(path: Path) -> UsageError:
    """The error that a video of this name cannot be transparent."""
    return UsageError(
        f"{path.name} cannot be transparent: name the video .webm (for the web) or .mov (for editing)"
    )
