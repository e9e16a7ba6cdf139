"""One visitor's session: the view, its address, the pages, the photos that are shown, uploads."""

from attntopo.ui.session.links import address, delete_address, delete_link
from attntopo.ui.session.menu import (
    back_to_compare,
    begin,
    begin_page,
    draw_notes,
    fall_back,
    go,
    page_links,
    pages,
    remember_model,
)
from attntopo.ui.session.refusals import draw_refusal, forget_refusal, refusal, refuse
from attntopo.ui.session.shown_photos import sides
from attntopo.ui.session.state import current, note, page, put, shared_info, write
