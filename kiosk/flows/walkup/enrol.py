"""A face on record: consent, two ways of identification, three photographs of one face, the record. Or the way out.

Nothing is kept before the last touch: photographs are numbers in the adapter's memory, forgotten with the screen.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import consent as consents
from kiosk.domain.faces import Sight
from kiosk.domain.portraits import Hint, Pose, hint, turned_well
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.walkup import browse, identify
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.common import Result, go_home, load_face, say, show
from kiosk.flows.walkup.state import Errand, FaceRecord, Outcome, Policy, Saving, Screen, Shot, State

STEADY = 2
"""Sights in a row that would do, before a photograph is taken by itself."""
PORTRAIT_SECONDS = 2.0
LONGEST_SAVE = 10.0


def offered(state: State) -> bool:
    """Enrolling takes a recogniser that works; who is enrolled can withdraw without it."""
    return state.station.face or enrolled(state) is not None


def enrolled(state: State) -> FaceRecord | None:
    """What is on record of the person's face."""
    return state.visit.face if state.visit else None


def home(state: State, event: Event, policy: Policy) -> Result:
    """Home, with the way to one's face."""
    match event:
        case Intent(name="open_face") if offered(state):
            screen = Screen.FACE if enrolled(state) else Screen.CONSENT
            return show(state, screen), load_face(state)
    return browse.home(state, event, policy)


def face(state: State, event: Event, policy: Policy) -> Result:
    """What is on record, and the two things to do about it."""
    match event:
        case Intent(name="face_renew") if state.station.face:
            return show(state, Screen.CONSENT), ()
        case Intent(name="face_withdraw") if state.visit and enrolled(state):
            if identify.missing(replace(state, back=(Screen.FACE,)), state.visit.factors, policy):
                return identify.ask_factor(state), ()
            return show(state, Screen.WITHDRAW), ()
    return state, ()


def consent(state: State, event: Event, policy: Policy) -> Result:
    """The text as it is today. Agreeing is a touch of its own; declining loses nothing."""
    match event:
        case Intent(name="face_agree") if not state.station.keeps:
            return say(state, policy, "item.full_short", "stop")
        case Intent(name="face_agree", at=at, fresh=fresh) if state.visit and state.station.face:
            agreed = replace(state, errand=Errand(fresh, consents.CURRENT, state.look.language, at))
            if identify.missing(replace(state, back=(Screen.CONSENT,)), state.visit.factors, policy):
                return identify.ask_factor(agreed), ()
            return show(agreed, Screen.SHOTS), ()
        case Intent(name="face_decline"):
            after, effects = go_home(state)
            told, timer = say(after, policy, "face.declined")
            return told, (*effects, *timer)
    return state, ()


def shots(state: State, event: Event, policy: Policy) -> Result:
    """Three photographs of one face that never leaves the picture; each is taken by itself as soon as it is good."""
    errand = state.errand
    if errand is None:
        return state, ()
    match event:
        case fe.FaceSeen(sight=sight):
            return _seen(replace(state, sight=sight), errand, sight, policy)
        case fe.FaceGone(track=track) if state.sight is None or state.sight.track == track:
            return _lost(replace(state, sight=None), errand, track, policy)
        case fe.PortraitTaken(session=n, ask=asked) if n == state.session and errand.asked and asked == errand.asked:
            return _taken(state, errand, event, policy)
        case Intent(name="face_take") if ready(state):
            return _ask(state, errand)
        case Intent(name="face_again"):
            return _restart(state, errand)
        case Intent(name="face_keep") if errand.pose is None and state.visit:
            return _check(state, replace(errand, saving=Saving.CHECKING))
    return state, ()


def ready(state: State) -> bool:
    """Whether the face in view would do for the pose that is next."""
    errand = state.errand
    if errand is None or errand.asked or errand.pose is None:
        return False
    return hint(errand.pose, state.sight) is Hint.GOOD


def saving(state: State, event: Event, policy: Policy) -> Result:
    """Between the last touch and the record: compared with everybody, then committed."""
    errand = state.errand
    if errand is None:
        return state, ()
    match errand.saving, event:
        case Saving.CHECKING, fe.FaceChecked(session=n, key=key, like=like) if (n, key) == (state.session, errand.key):
            return _checked(state, errand, like)
        case ((Saving.ENROLLING | Saving.WITHDRAWING), ev.Recorded(key=key, at=at)) if key == errand.key:
            return _recorded(state, errand, at)
        case ((Saving.ENROLLING | Saving.WITHDRAWING), ev.NotRecorded(key=key)) if key == errand.key:
            return _over(state, errand, Outcome.NOT_SAVED)
        case Saving.CHECKING, Elapsed(timer="record", session=n) if n == state.session:
            return _over(state, errand, Outcome.NOT_CHECKED)
        case _, Elapsed(timer="record", session=n) if n == state.session:
            return _over(state, errand, Outcome.UNSURE)
    return state, ()


def withdraw(state: State, event: Event, policy: Policy) -> Result:
    """One last touch."""
    match event:
        case Intent(name="face_withdraw_yes", fresh=fresh) if state.visit:
            errand = Errand(fresh, saving=Saving.WITHDRAWING)
            ask = fe.WithdrawFace(state.session, fresh, state.visit.person.id)
            return replace(state, screen=Screen.SAVING, errand=errand), (ask, _guard(state))
    return state, ()


def done(state: State, event: Event, policy: Policy) -> Result:
    """How it ended; an answer of the journal that comes late is told all the same."""
    errand = state.errand
    match event:
        case Intent(name="face_home"):
            return go_home(state)
        case ev.Recorded(key=key, at=at) if errand and errand.outcome is Outcome.UNSURE and key == errand.key:
            return _recorded(state, errand, at)
        case ev.NotRecorded(key=key) if errand and errand.outcome is Outcome.UNSURE and key == errand.key:
            return _over(state, errand, Outcome.NOT_SAVED)
    return state, ()


def went_on(before: State, after: State) -> bool:
    """Whether a photograph was taken: somebody is there, though nothing was touched."""
    was, now = before.errand, after.errand
    return was is not None and now is not None and len(now.shots) > len(was.shots)


def _seen(state: State, errand: Errand, sight: Sight, policy: Policy) -> Result:
    if errand.shots and errand.pose and sight.track != errand.track:
        return _swapped(state, errand, policy)
    alone = state.still is None and not state.help
    steady = errand.steady + 1 if ready(state) and alone else 0
    if steady >= STEADY:
        return _ask(state, errand)
    return replace(state, errand=replace(errand, steady=steady)), ()


def _lost(state: State, errand: Errand, track: int, policy: Policy) -> Result:
    if errand.shots and errand.pose and track == errand.track:
        return _swapped(state, errand, policy)
    return replace(state, errand=replace(errand, steady=0)), ()


def _ask(state: State, errand: Errand) -> Result:
    asked = state.asks + 1
    waiting = replace(state, asks=asked, errand=replace(errand, asked=asked, steady=0))
    return waiting, (fe.TakePortrait(state.session, asked, PORTRAIT_SECONDS),)


def _taken(state: State, errand: Errand, portrait: fe.PortraitTaken, policy: Policy) -> Result:
    """It counts when the head was turned as asked and the face is the one of the photographs before."""
    errand, pose = replace(errand, asked=0), errand.pose
    state = replace(state, errand=errand)
    if not portrait.ok or pose is None:
        return state, ()
    if errand.shots and portrait.track != errand.track:
        return _swapped(state, errand, policy)
    if not turned_well(pose, portrait.turn):
        return state, ()
    shot = Shot(pose, portrait.turn, portrait.ask)
    return replace(state, errand=replace(errand, shots=(*errand.shots, shot), track=portrait.track)), ()


def _swapped(state: State, errand: Errand, policy: Policy) -> Result:
    after, effects = _restart(state, errand)
    told, timer = say(after, policy, "face.from_the_start", "stop")
    return told, (*effects, *timer)


def _restart(state: State, errand: Errand) -> Result:
    blank = Errand(errand.key, errand.consent, errand.language, errand.agreed)
    return replace(state, errand=blank), (fe.DropPortraits(state.session),)


def _check(state: State, errand: Errand) -> Result:
    assert state.visit is not None
    check = fe.CheckFace(state.session, errand.key, state.visit.person.id, _asks(errand))
    return replace(state, screen=Screen.SAVING, errand=errand), (check, _guard(state))


def _checked(state: State, errand: Errand, like: str | None) -> Result:
    """The other person's name goes to the clerk, by the record; never to this screen."""
    assert state.visit is not None
    person = state.visit.person.id
    if like is None:
        return _over(state, errand, Outcome.NOT_CHECKED)
    if like and like != person:
        body: dict[str, object] = {"person": person, "like": like, "consent": errand.consent}
        after, effects = _over(state, errand, Outcome.DOUBLED)
        return after, (ev.Record(f"{errand.key}:doubled", errand.key, "face.doubled", body), *effects)
    enrol = fe.EnrolFace(
        state.session,
        errand.key,
        person,
        _asks(errand),
        errand.consent,
        errand.language,
        errand.agreed,
        tuple(sorted(state.visit.factors)),
    )
    return replace(state, errand=replace(errand, saving=Saving.ENROLLING)), (enrol,)


def _asks(errand: Errand) -> tuple[int, ...]:
    return tuple(shot.ask for shot in errand.shots)


def _recorded(state: State, errand: Errand, at: float) -> Result:
    assert state.visit is not None
    if errand.saving is Saving.WITHDRAWING:
        visit = replace(state.visit, face=None, face_known=True)
        return _over(replace(state, visit=visit), errand, Outcome.WITHDRAWN)
    visit = replace(state.visit, face=FaceRecord(errand.consent, at), face_known=True)
    return _over(replace(state, visit=visit), errand, Outcome.ENROLLED)


def _over(state: State, errand: Errand, outcome: Outcome) -> Result:
    over = replace(state, screen=Screen.FACE_DONE, back=(), errand=replace(errand, outcome=outcome, shots=(), track=0))
    return over, (StopTimer("record"),)


def _guard(state: State) -> Effect:
    return StartTimer("record", state.session, LONGEST_SAVE)


def instruction(state: State) -> tuple[Pose | None, Hint]:
    """What the camera screen asks for now: the pose that is next, and what is in its way."""
    errand = state.errand
    pose = errand.pose if errand else None
    return pose, hint(pose, state.sight)
