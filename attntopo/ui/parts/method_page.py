"""The texts of the Method page."""

import re

import streamlit as st

from attntopo.figures.filtration import plot_filtration

_PARAGRAPHS = (
    (
        "1. The photo",
        r"""
A photo is turned upright, put on white where it is transparent, and scaled down until its longest
side has at most 1024 pixels: 8-bit RGB. Every number is computed from this *canonical photo*. The
model's own image processor resizes it once more, to 224 × 224 pixels for the embedded model unless
another input is chosen, and cuts it into a **patch grid**. A larger input has more and finer
patches: the model's positions are interpolated to them. In the photo's own shape all of the photo
is seen, its ratio rounded to whole patches. The page shows the whole photo in its own ratio and
dims what the model didn't see, so that a crop is never hidden; under *Display* it shows what the
model saw, squashed where the processor squashes. A photo of a *Collection* is kept with at most 518
pixels on its longest side; its numbers are exact from that.
""",
    ),
    (
        "2. Attention",
        r"""
A Vision Transformer turns each patch into a **token** and adds a few of its own: a class token,
for some models a distillation token or registers. In every layer each **attention head** decides
how much token $i$ attends to token $j$. For one head that is a matrix $A$ with a row for each
token; a row sums to 1. Layers and heads are counted from 0.
""",
    ),
    (
        "3. Distances between attention rows",
        r"""
Two tokens are close when they attend alike. With $M = (P+Q)/2$, the Jensen–Shannon divergence of
two rows is

$$\mathrm{JSD}(P,Q) = \tfrac12\mathrm{KL}(P\,|\,M) + \tfrac12\mathrm{KL}(Q\,|\,M)$$

in nats, and $d_{JS} = \sqrt{\mathrm{JSD}}$ is the **Jensen–Shannon distance**, from 0 to
$\sqrt{\ln 2} \approx 0.833$. The distance called *double softmax* is that of the notebook
this began as. It **softmaxes the rows a second time**,

$$P_{ij} = e^{A_{ij}} \Big/ \sum_k e^{A_{ik}},$$

and takes a square root of $d_{JS}$. As entries lie between 0 and 1, that second softmax makes
every row nearly uniform, which squeezes all distances below a bound that depends on the number of
tokens alone: 0.200 at 257 tokens, 0.142 at 1,025. It is still a metric.

The **Hellinger distance** is $\lVert\sqrt P-\sqrt Q\rVert_2/\sqrt2$, and the **total variation
distance** $\lVert P-Q\rVert_1/2$ is the share of attention that would have to move; both go from 0
to 1. The **attention graph** compares no rows: two tokens are $1-\max(A_{ij},A_{ji})$ apart, so
that an edge is there where one of them attends to the other strongly enough. That is a filtration,
not a metric.

All are computed in 64-bit floating point by forms that don't cancel between near-equal rows, where
the usual ones give NaN; against 50-digit arithmetic they are right to 12 digits.
""",
    ),
    (
        "4. The Vietoris–Rips filtration",
        r"""
Choose a **scale** $\varepsilon$. Join two tokens by an edge when they are at most $\varepsilon$
apart: that graph is the **1-skeleton**. Fill in each triangle whose three edges are there. As
$\varepsilon$ grows from 0, this *Vietoris–Rips complex* grows from loose points to one solid
block, and what happens between the two is the shape of the head's attention. Until you choose a
scale, it is where nine of ten merges of both photos have happened: a tenth of the components is
left there, many of them single tokens, and some may be objects or parts of objects. That is a rule
of thumb, not a theorem; the page *What holds* has how well it fits where each photo has its own
scale (% merged at 90), in the mean of one layer's heads with patches alone as points. It wasn't
held against chance at one scale, and one scale for both photos wasn't measured.
""",
    ),
    (
        "5. Components, loops and persistence diagrams",
        r"""
Homology counts what there is at each scale: **H0** the connected components, **H1** the loops that
nothing fills. Every component and every loop is born at one scale and dies at another, when
components merge or the loop is filled in. A **persistence diagram** marks each such bar by its
birth (across) and its death (up): far above the diagonal means alive over a long range of scales.
One component never dies. The counts at all scales are the **Betti curves**. Homology is over
$\mathbb{Z}/2$: edges and triangles are counted as even or odd alone, so that two loops that share
an edge add up to the loop round both. No bar is left out, however short. A merging edge ends each
component, a birth edge begins each loop and a death triangle fills it; equal lengths are put in
order by token number.
""",
    ),
    (
        "6. Seeing a component, seeing a loop",
        r"""
The components of the 1-skeleton are painted on the photo, the largest lightly. A colour belongs to
a component's leader token in the tree of merges, so it depends on neither the direction nor the
speed of sliding. Until somebody chooses a scale, it is the one called *Objects*: the least at which
nine of ten merges of both photos together have happened, $\lceil 0.9\,m \rceil$ of $m$. With
*% merged* each photo has a scale of its own, at which the chosen share of its own merges has
happened: for photos and heads whose distances differ. Counts at two scales aren't of the same
thing.

For every bar of H1 a **representative cycle** is drawn: a closed path of tokens through the edge
that gives birth to the bar, of edges no later than that one, which becomes a boundary exactly when
the bar dies. Many cycles do; the one drawn has few edges. A plain shortest cycle through that edge
is wrong for about one bar in ten, because it winds round an older loop too. A **cocycle** tells
such loops apart: think of it as a fence of edges from a hole outwards, which whoever walks round
that hole has to cross an odd number of times. So each path carries how often it crosses the
cocycles of the older loops that outlive the bar, and only a path that crosses none of them an odd
number of times counts. Where none is found, the loops
that the death triangle ties together are drawn, each closed along the tree of merges: one cycle,
which can look like several loops.

The **mean** of a layer's heads, and **attention rollout** through all layers so far, can take a
single head's place. Rollout multiplies, layer by layer, half the mean of the heads and half the
identity, which stands for the residual connection.
""",
    ),
    (
        "7. How far apart",
        r"""
The **bottleneck distance** pairs the bars of two diagrams, or a bar with the diagonal, so that the
largest shift is as small as possible; that shift is the distance, in the units of the scale. It is
stable: if no distance between tokens changes by more than $\delta$, neither does the diagram. The
notebook left out bars of at most 0.01 first. That breaks this guarantee and empties H1 nearly
always, so it is done for one number only, "H0 bottleneck, as the notebook".

The **$p$-Wasserstein distance** takes the $p$-norm of all shifts instead of the largest, so it sees
many small changes where the bottleneck sees one big one. Both are exact, with the $L_\infty$
distance between bars, one dimension at a time; only of more than some 1,500 bars a side is the
Wasserstein distance approximate, and says so: "about", within 1 %.
""",
    ),
)

_REFERENCES = """
- J. Lin. *Divergence measures based on the Shannon entropy.* IEEE Transactions on Information
  Theory 37, 1991.
- D. Endres, J. Schindelin. *A new metric for probability distributions.* IEEE Transactions on
  Information Theory 49, 2003.
- H. Edelsbrunner, J. Harer. *Computational Topology.* American Mathematical Society, 2010.
- D. Cohen-Steiner, H. Edelsbrunner, J. Harer. *Stability of persistence diagrams.* Discrete &
  Computational Geometry 37, 2007.
- C. Topaz, L. Ziegelmeier, T. Halverson. *Topological data analysis of biological aggregation
  models.* PLoS ONE 10, 2015 (CROCKER plots).
- O. Busaryev, S. Cabello, C. Chen, T. Dey, Y. Wang. *Annotating simplices with a homology basis and
  its applications.* SWAT 2012.
- U. Bauer. *Ripser: efficient computation of Vietoris–Rips persistence barcodes.* Journal of
  Applied and Computational Topology 5, 2021.
- The GUDHI Project. *GUDHI User and Reference Manual.*
- A. Dosovitskiy et al. *An image is worth 16x16 words.* ICLR 2021.
- M. Oquab et al. *DINOv2: learning robust visual features without supervision.* TMLR 2024.
- L. Kushnareva et al. *Artificial text detection via examining the topology of attention maps.*
  EMNLP 2021.
- S. Abnar, W. Zuidema. *Quantifying attention flow in transformers.* ACL 2020.
- S. Jain, B. Wallace. *Attention is not explanation.* NAACL 2019.
- S. Wiegreffe, Y. Pinter. *Attention is not not explanation.* EMNLP 2019.
"""


_PICTURED = "4. The Vietoris–Rips filtration"  # the paragraph that a picture follows
_LAST = ("What this is not", "References")


def contents() -> None:
    """Draw the ways to the paragraphs."""
    titles = [title for title, _ in _PARAGRAPHS]
    lines = [f"- [{title}](#{anchor(title)})" for title in (*titles, *_LAST)]
    st.markdown("\n".join(lines))


def anchor(title: str) -> str:
    """Return what a title is linked by: its words, joined by hyphens."""
    return "-".join(re.findall(r"\w+", title.lower()))


def summary() -> None:
    """Say in a few sentences what all of it comes to."""
    st.markdown(
        "A photo is cut into patches, and from each of them an attention head looks at others. "
        "Two patches are near each other when the head looks at the same places from both. Join "
        "what is near, at one scale after the other: groups of patches merge, loops appear and "
        "are filled in. Which do so, and when, is the shape of attention."
    )


def paragraphs() -> None:
    """Draw the seven paragraphs from photo to diagram."""
    for title, text in _PARAGRAPHS:
        _title(title)
        st.markdown(text)
        if title == _PICTURED:
            _picture()


def _picture() -> None:
    """Draw the filtration of a few points on a ring, as the library computes it."""
    st.plotly_chart(
        plot_filtration(),
        key="filtration",
        config={"displaylogo": False, "displayModeBar": False},
        alt="Points on a ring at three scales: loose, joined to a loop, filled in; and the "
        "persistence diagrams, in which the loop is one mark far above the diagonal.",
    )
    st.markdown(
        ":small[Fourteen points on a ring, computed by the library that computes these pages. The "
        "loop is the diamond far above the diagonal: it appears when the ring closes and ends "
        "when triangles fill it. Each corner is one of the three scales; the marks left of and "
        "above it are there at that scale.]"
    )


def _title(title: str) -> None:
    st.subheader(title, anchor=anchor(title))


def honesty() -> None:
    """Say what attention, and these numbers, are not."""
    _title(_LAST[0])
    st.markdown(
        "**Attention is not an explanation.** It says where a head reads from, not why the model "
        "decides as it does: other weights can give the same answer with quite other attention. "
        "Components and loops describe how one head organises one photo. Treat them as a "
        "description to be tested, not as a reason. The embedded model's backbone was tuned "
        "further for saliency, so its attention isn't that of the published DINOv2-small."
    )
    st.markdown(
        "**A certificate or a rank is no proof.** A certificate says how much all distances may "
        "change before a bar can be lost; how much a photo's changes move them depends on the head "
        "and on the change, as *Stability* shows. A high rank "
        "says that a null, which keeps profile, sinks and stationary smoothness, seldom makes such "
        "a length: one head at a time, whatever else was tried. The universal p is by a "
        "conjectured law of random points in a space, fitted to the bars that are judged. None of "
        "them says that a component is an object: the page *What holds* has how well they fit."
    )
    st.markdown(
        "**What training brings** shows beside an *untrained twin*: the same configuration with "
        "random weights, always the same draw. What both show needs no training: in the sample "
        "camera the dark man comes apart without any. What the trained model alone shows may come "
        "from training; one draw is an example, not a test. The twin's distances are smaller by "
        "far, so each is best seen at its own scale, by % merged."
    )
    st.markdown(
        "**Does the model care?** is a test by intervention. After the layer looked at, nobody "
        "attends to the patches of a component or a loop: attention to them is set to 0 before "
        "the softmax divides the rest. The class token's last state is compared with what it is "
        "otherwise, as 1 minus the cosine, and that shift ranked among those of up to 40 random "
        "connected regions of as many patches, and up to 40 translations of the same ones on the "
        "torus. It speaks of one photo and of the class token alone. A loop's tokens are patches "
        "like any: the loop's own edges are not what is knocked out. Nor does a shift say that a "
        "component matters as such: any region over the same patches does as much. Random regions "
        "are compact, so scattered patches are held fairly against the translations only."
    )


def references() -> None:
    """List the sources of the definitions."""
    _title(_LAST[1])
    st.markdown(_REFERENCES)
