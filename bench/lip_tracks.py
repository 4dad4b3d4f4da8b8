"""Where an independent tracker sees the points of the faces in videos, for bench/calibration.py.

    PHIZ_EVAL=EVAL TRACKER_PYTHON bench/lip_tracks.py FOLDER VIDEO...

EVAL is the folder of the evaluation data, whose track.py tracks; TRACKER_PYTHON the Python of the
environment that it asks for. FOLDER gets a file for each video: `points`, float32 [frames, 478, 3] in pixels
(x right, y down, z away from the camera; not numbers where no face was found), and `fps`.
"""

import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, os.environ["PHIZ_EVAL"])
from track import track  # type: ignore[import-not-found]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for video in map(Path, sys.argv[2:]):
        points, fps, _ = track(str(video))
        np.savez_compressed(folder / f"{video.stem}.npz", points=points, fps=fps)
        print(f"{video.stem}: {len(points)} frames")


if __name__ == "__main__":
    main()
