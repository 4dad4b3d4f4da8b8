"""The names that rigs, clips and renderers share: what can move in a face.

`SHAPES` are blendshapes, weights 0..1: Apple's 52 ARKit names (ARFaceAnchor.BlendShapeLocation) in ARKit's
spelling, left and right being the subject's; `photo`: 1 wears the photo's own expression, 0 the closed,
relaxed mouth that speech is made from; and `chest`: 1 has drawn a breath, 0 is at rest. `POSE` is the head's
rotation in radians about the neck: yaw > 0 turns the subject to the subject's own left (the right of the
picture), pitch > 0 looks up, roll > 0 tilts the top of the head to the subject's own left (the right of the
picture).
`CHANNELS` = `SHAPES` + `POSE` is the order of every per-frame value array.
"""

__all__ = ["ARKIT", "CHANNELS", "CHEST", "INDEX", "POSE", "SHAPES"]

ARKIT = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight",
    "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
CHEST = "chest"
SHAPES = (*ARKIT, "photo", CHEST)
POSE = ("headYaw", "headPitch", "headRoll")
CHANNELS = (*SHAPES, *POSE)
INDEX = {name: index for index, name in enumerate(CHANNELS)}
