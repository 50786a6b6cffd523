"""Recordings: what a table's eye saw and read, look by look, in one file that can be replayed.

``container`` keeps blocks that a kill cannot spoil, ``pixels`` stores pictures without loss, ``readings``
says how two readings differ, ``tape`` puts a look together and takes it apart, ``capture`` stands between the
screen and the eye.
"""

from bot.recording.capture import RecordingCapture, ReplayCapture, ReplayClock
from bot.recording.container import RecordingFile
from bot.recording.readings import Difference, differences
from bot.recording.tape import RecordedGrab, RecordedLook, Recorder, Recording, open_recording

__all__ = [
    "Difference",
    "RecordedGrab",
    "RecordedLook",
    "Recorder",
    "Recording",
    "RecordingCapture",
    "RecordingFile",
    "ReplayCapture",
    "ReplayClock",
    "differences",
    "open_recording",
]
