"""The renderer for a graphics card: OpenGL 3.3 through moderngl, without a window."""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import shorten
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.data import shader
from phiz.errors import BackendError
from phiz.portrait.rig import Rig
from phiz.renderers.mesh import SOFT, Batch, Mesh, build_mesh
from phiz.renderers.pose import NEAREST, Placement, checked_values, joint_matrices, place
from phiz.renderers.shading import build_shading, shade_vertices
from phiz.renderers.textures import unpremultiply

__all__ = ["GlRenderer", "describe_context"]

SAMPLES = 4  # a pixel
SHAPE_SLOTS = 64  # of the uniform array in shaders/layer.glsl
SHAPE_ROW = 2048  # texels in a row of the displacement texture; every OpenGL 3.3 has textures this wide
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render")
WAY_OUT = "install a graphics driver or Mesa's EGL (Debian: libegl1 libgl1-mesa-dri), or use `--backend cpu`"
HEADERS = {
    "330": "#version 330 core\n",
    "300 es": "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;\n",
}


def make_context() -> Any:
    """A new moderngl context without a window, current on this thread. Raises BackendError."""
    try:
        import moderngl
    except ImportError as error:
        raise BackendError(f"no OpenGL: {error}; {WAY_OUT}") from None
    reasons = []
    # EGL needs no display; where there is none, the platform's own way.
    ways: tuple[dict[str, Any], ...] = ({"backend": "egl"}, {})
    for way in ways:
        try:
            return moderngl.create_context(require=330, standalone=True, **way)
        except Exception as error:  # moderngl raises bare Exception, and OSError for missing libraries
            reasons.append(" ".join(str(error).split()))
    raise BackendError(f"no OpenGL 3.3 context ({'; '.join(dict.fromkeys(reasons))}); {WAY_OUT}")


def is_software(context: Any) -> bool:
    """Whether the context draws on the processor."""
    return any(word in context.info["GL_RENDERER"].lower() for word in SOFTWARE)


def describe_context() -> str:
    """What OpenGL draws with here, in words. Raises BackendError when it does not work."""
    context = make_context()
    try:
        kind = "software" if is_software(context) else "hardware"
        return f"{context.info['GL_RENDERER']}, OpenGL {context.version_code / 100:.1f} ({kind})"
    finally:
        context.release()


def build_program(context: Any, version: str = "330") -> Any:
    """The program of shaders/layer.glsl, as GLSL "330" or "300 es"."""
    source = shader("layer")
    return context.program(
        vertex_shader=f"{HEADERS[version]}#define VERTEX_SHADER\n{source}",
        fragment_shader=f"{HEADERS[version]}#define FRAGMENT_SHADER\n{source}",
    )


@contextmanager
def driver_errors() -> Iterator[None]:
    """Whatever OpenGL or moderngl fails with inside becomes a BackendError."""
    try:
        yield
    except Exception as error:  # moderngl raises bare Exception, and drivers differ in what they refuse
        reason = shorten(str(error) or type(error).__name__, 160, placeholder=" ...")
        raise BackendError(f"OpenGL cannot draw here ({reason}); {WAY_OUT}") from error


class GlRenderer:
    """Draws a rig with OpenGL: shapes, skinning and projection in the vertex shader, 4 samples a pixel.

    Use it from the thread that opened it. `software=False` refuses OpenGL emulated on the processor.
    Raises BackendError when no context can be made, when it cannot take pictures as large as asked, and when
    the driver refuses the shader or has no memory left.
    """

    name = "gl"

    def __init__(
        self,
        rig: Rig,
        size: tuple[int, int],
        view: tuple[float, float, float, float],
        *,
        software: bool = True,
        relight: bool = True,
    ) -> None:
        self.size = size
        self._joints = np.array(rig.joints, np.float64)
        self.context = make_context()
        try:
            if not software and is_software(self.context):
                raise BackendError(f"OpenGL is emulated in software here; {WAY_OUT}")
            placement = place(rig.camera, size, view)
            mesh = build_mesh(rig, placement)
            self._check_limits([size, *(texture.shape[1::-1] for texture in mesh.textures)])
            with driver_errors():
                self._program = build_program(self.context)
                self._shading = build_shading(rig) if relight else None
                self._upload(mesh)
                self._make_frame()
                self._set_constants(placement, len(mesh.uvs))
        except BaseException:
            self.close()
            raise

    def draw(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One frame, a new array uint8 [height, width, 4], RGBA with straight alpha.

        values: float64 [len(CHANNELS)] in the order of `phiz.channels.CHANNELS`. Raises UsageError.
        """
        import moderngl

        row = checked_values(values)
        with self.context:
            self._set_motion(row)
            self._samples.use()
            self._samples.clear(depth=1.0)
            self.context.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
            self.context.depth_func = "<="
            self.context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
            self._shapes.use(1)
            for batch in self._batches:
                self._samples.depth_mask = batch.kind != SOFT
                self._program["kind"].value = batch.kind
                self._textures[batch.texture].use(0)
                self._vertices.render(moderngl.TRIANGLES, vertices=batch.length * 3, first=batch.first * 3)
            self._samples.depth_mask = True
            self.context.copy_framebuffer(self._resolved, self._samples)
            frame = np.empty((self.size[1], self.size[0], 4), np.uint8)
            self._resolved.read_into(frame, components=4)
        unpremultiply(frame.view(np.uint32).reshape(-1))
        return frame

    def draw_many(self, values: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
        """The frames of float64 [frames, len(CHANNELS)] in order, each a new array."""
        for row in np.asarray(values, np.float64):
            yield self.draw(row)

    def close(self) -> None:
        """Free the graphics memory; the renderer cannot draw afterwards."""
        self.context.release()

    def __enter__(self) -> "GlRenderer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_limits(self, sizes: list[tuple[int, ...]]) -> None:
        largest = min(self.context.info["GL_MAX_TEXTURE_SIZE"], *self.context.info["GL_MAX_VIEWPORT_DIMS"])
        for width, height in sizes:
            if max(width, height) > largest:
                raise BackendError(
                    f"{width}x{height} exceeds this OpenGL's {largest} pixels a side; use `--backend cpu`"
                )

    def _upload(self, mesh: Mesh) -> None:
        """Vertices, displacements and textures to the graphics card."""
        motion, context = mesh.motion, self.context
        self._channels = motion.channels
        self._batches: list[Batch] = mesh.batches()
        columns = [motion.positions, mesh.uvs, motion.shares, motion.lift[:, None]]
        attributes = np.concatenate(columns, axis=1).astype(np.float32)
        self._gains = context.buffer(np.ones(len(attributes), np.float32).tobytes(), dynamic=True)
        self._vertices = context.vertex_array(
            self._program,
            [
                (context.buffer(attributes.tobytes()), "3f 2f 2f 1f", "position", "uv", "shares", "lift"),
                (self._gains, "1f", "gain"),
            ],
            index_buffer=context.buffer(mesh.triangles.astype(np.int32).tobytes() or bytes(12)),
        )
        count = len(motion.positions)
        rows = -(-max(len(motion.channels) * count, 1) // SHAPE_ROW)
        dense = np.zeros((rows * SHAPE_ROW, 4), np.float32)
        for s in range(len(motion.channels)):
            part = slice(motion.starts[s], motion.starts[s + 1])
            np.add.at(dense, s * count + motion.vertices[part], np.pad(motion.deltas[part], ((0, 0), (0, 1))))
        self._shapes = context.texture((SHAPE_ROW, rows), 4, dense.tobytes(), dtype="f4")
        self._shapes.filter = context.NEAREST, context.NEAREST
        self._textures = []
        for pixels in mesh.textures:
            texture = context.texture(pixels.shape[1::-1], 4, pixels.tobytes())
            texture.repeat_x = texture.repeat_y = False
            texture.filter = context.LINEAR, context.LINEAR
            self._textures.append(texture)

    def _set_constants(self, placement: Placement, vertices: int) -> None:
        constants = {
            "vertices": vertices,
            "row": SHAPE_ROW,
            "camera": placement[:4],
            "middle": placement[4:6],
            "view": placement[6:],
            "size": self.size,
            "nearest": NEAREST,
            "shapes": 1,
            "colours": 0,
        }
        for key, value in constants.items():
            self._program[key].value = value

    def _make_frame(self) -> None:
        """The multisampled framebuffer that is drawn on, and the plain one it is averaged into."""
        samples, context = min(SAMPLES, self.context.max_samples), self.context
        self._samples = context.framebuffer(
            context.renderbuffer(self.size, 4, samples=samples),
            context.depth_renderbuffer(self.size, samples=samples),
        )
        self._resolved = context.framebuffer(context.renderbuffer(self.size, 4))

    def _set_motion(self, values: NDArray[np.float64]) -> None:
        weights = values[self._channels]
        moving = np.flatnonzero(weights)
        pairs = np.zeros((SHAPE_SLOTS, 2), np.float32)
        pairs[: len(moving), 0], pairs[: len(moving), 1] = moving, weights[moving]
        self._program["moving"].write(pairs.tobytes())
        self._program["moving_count"].value = len(moving)
        joints = joint_matrices(self._joints, *values[-3:])
        if self._shading is not None:
            gains = np.empty(len(self._shading.normals))
            shade_vertices(self._shading, joints, values, gains)
            self._gains.write(gains.astype(np.float32).tobytes())
        matrices = joints.astype(np.float32)
        self._program["neck"].write(matrices[1].tobytes())
        self._program["head"].write(matrices[2].tobytes())
