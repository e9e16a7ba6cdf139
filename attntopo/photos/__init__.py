"""Photos: bytes of a file -> the canonical photo; the sample photos."""

from attntopo.photos.canonical import LONGEST_SIDE, Photo, PhotoError
from attntopo.photos.decoding import LARGEST_RATIO, decode_photo
from attntopo.photos.samples import SAMPLES, sample
