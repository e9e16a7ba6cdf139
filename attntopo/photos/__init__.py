"""Photos: bytes of a file -> the canonical photo; the sample photos."""

from attntopo.photos.archives import ArchivedFile, archived_files, is_archive, shown_name
from attntopo.photos.canonical import PackedPhoto, Photo, reduced
from attntopo.photos.decoder import PhotoDecoder
from attntopo.photos.decoding import decode_photo
from attntopo.photos.image_files import LARGEST_RATIO, LONGEST_SIDE, check_length
from attntopo.photos.refusals import PhotoError
from attntopo.photos.samples import SAMPLES, sample
