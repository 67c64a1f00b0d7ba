"""Runs into folders of files that other programs open as a whole: inspect's logs, Every Eval Ever, a data set for the Hugging Face hub.

Such a format is somebody else's, so it may have no place for something that tempkit knows. What could not be carried over is
counted and said (`Lost`); nothing is changed to fit.
"""

from tempkit.interchange.folders.formats import (
    FOLDERS,
    FolderDone,
    FolderFormat,
    export_folder,
    folder_format,
)
from tempkit.interchange.folders.outcomes import Lost, MeasureFacts

__all__ = ["FOLDERS", "FolderDone", "FolderFormat", "Lost", "MeasureFacts", "export_folder", "folder_format"]
