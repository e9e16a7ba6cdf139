"""A photo <-> a link that others can open: published photos and where they lie."""

from attntopo.publishing.png import DamagedPhotoError
from attntopo.publishing.storage import PhotoStoreError
from attntopo.publishing.store import DeleteKeyError, PhotoGoneError, PhotoStore, Published
