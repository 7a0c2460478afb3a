"""Words and phrases that tell what a sentence does (en, de, es, fr): the vocabulary of `stance`.

A trailing * stands for any ending; phrases are separated by a comma. Ours, written by hand; no list was copied.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from insights.text.words import word_set

FAIL = """
crash*, freez*, froze*, hangs, hung, broke, broken, breaks, breaking, bug, bugs, buggy, glitch*, error*,
fail, fails, failed, failing,
failure*, timeout*, timed out, times out, time out, stuck, loses, losing, lose, wrong*, incorrect*, slow,
slower, slowly, lag*, delay*, cancel*,
duplicat*, corrupt*, disappear*, vanish*, blank, crop*, cut off, stops working, stopped working, not
working, isn't working, doesn't work,
does not work, doesnt work, didn't work, won't, wont, cannot, can't, cant, couldn't, unable, impossible,
refuses, rejected, denied, blocked,
locked out, log me out, logs me out, logging me out, logged out, kicked out, kicks, not able, out of sync,
mismatch*, inconsistent,
inaccurate, off by, doesn't match, do not match, don't match, does not match, never arrive*, not arrive*,
never came, never got, never received,
no response, no answer, no reply, unanswered, on hold, hung up, overcharge*, charged twice, double
charged, problem*, trouble*, unresponsive,
unusable, unstable, outdated, takes ages, takes forever, forever to, no longer, damaged, messed, messes,
oversold, overselling, double booked,
outage*, drops, dropped, dropping, spins, spinning, loop*, useless, drain*, incompatible, confusing,
cumbersome, tedious, clunky, price increase,
too many, too much, too long, too slow, too small, too expensive, too complicated, hard to, difficult to,
still no, still not, still waiting,
still can't, still have, missing from, went missing, lost my, lost our, lost the, issue with, issues with,
having issues, having an issue,
fehler*, defekt*, kaputt, abstürz*, abgestürzt, absturz*, hängt, geht nicht, funktioniert nicht, klappt
nicht, läuft nicht, falsch*, langsam*,
verspät*, verloren, verlier*, verschw*, doppelt*, mehrfach, störung*, unmöglich, abgelehnt, blockiert*,
gesperrt, ausgeloggt, abgemeldet,
stimmt nicht, stimmen nicht, weicht ab, kommt nicht an, unübersichtlich, umständlich, kompliziert,
unbrauchbar, schon wieder, immer noch nicht,
zu langsam, zu teuer, abgeschnitten, probleme, problem,
fall*, error*, no funciona*, no va, no carga, no llega*, no deja, no me deja, no puedo, no podemos, no se
puede, no aparece*, no coincide*,
no cuadra*, lento*, lenta*, lentitud, perdid*, pierde*, duplicad*, equivocad*, incorrect*, caído, se cae,
se cuelga, se cierra, colgado,
bloquead*, imposible, retras*, tarda*, cortad*, problema*, fallo*, sigue sin, seguimos sin, descuadr*, dos
veces,
ne marche pas, ne fonctionne pas, marche pas, fonctionne plus, plante, plantent, bloqué*, lent, lente*,
erreur*, panne*, perdu*, impossible, bogue*,
retard*, annulé*, faux, fausse, doublon*, n'arrive pas, problème*, trop cher, trop lent,
dead, dies, died, jams, jammed, jam, stops, ignores, truncat*, leaks, leaking, gone, got lost, gets lost, brick,
bricked, cracked, torn, scratched, dirty, filthy, stained, bounces, expired, expires, unreadable, garbled, blurry,
buffering, buffers, stutter*, overheat*, rattles, faulty, malfunction*, defective, doesn't open, won't open, never
showed, no show, hasn't arrived, still pending, pending, greyed out, nothing happens, no sound, no signal,
unavailable, throws, keeps asking, keeps crashing, keeps saying, by itself, out of order, out of step, tripled, in
vain, declined, refused, not accepted, not recognized, not recognised, unreachable, wrongly, misspelled, misprint*,
bricht ab, abbruch, abbrüche, verbindungsabbr*, reagiert nicht, startet nicht, druckt nicht, lädt nicht,
synchronisiert nicht, ausfall, fällt aus, ausgefallen, hakt, ruckelt*, ewig, kommt nicht, nicht mehr, wird nicht,
werden nicht, wurde nicht, lässt sich nicht, kann nicht, konnte nicht, können nicht, keine antwort, tot, verschwind*,
weigert, beschädigt, schmutzig, no abre, no guarda*, no se guarda*, no imprime, no responde*, no contesta*, no
sincroniz*, no reconoce, en blanco, en negro, se queda, se apaga, roto, rota, rotos, dejó de, ha dejado de, sin
avisar, no aceptan, sucio, sucia, rechazad*, en panne, refusé*, supprimé*, ne reçois pas, s'ouvre pas, ne tient pas,
plus aucun*, impossible de, coupé*, disparu*, disparaît, disparaissent, cassé*, sale, se ferme, ne répond*, ne charge*
"""

DOUBT = """
hang, lost, missing, misses, missed, late, twice, stopped, nowhere, waiting, wait, issue, issues, keeps,
kept, still, never, mess, down, loop, empty, lacks,
lacking, no way, invalid, spam, hidden, complicated, expensive, difficult, doesn't, didn't, isn't, aren't,
wasn't, don't, doesnt, didnt, isnt, charged, forever,
leider, nie, niemand, ständig, dauert, teuer, fehlt, fehlen, leer, nicht, mal, tarde, nunca, otra vez,
caro, cara, complicad*, vacío, manque*, jamais
"""

BAD = """
terrible, worst, worse, awful, horrible, horrendous, horrid, atrocious, pathetic, ridiculous,
unacceptable, disgust*, disappoint*, frustrat*,
annoy*, angry, furious, upset, unhappy, hate, hated, hates, sucks, suck, sucked, crap, crappy, shit*,
bullshit, joke, garbage, trash,
rubbish, poor, poorly, bad, badly, rude, unprofessional, incompetent, incompeten*, nightmare, disaster,
fiasco, shame, shameful,
embarrass*, insult*, lying, lied, lies, scam, fraud, rip off, ripoff, waste*, wasted, wasting, unreliable,
unfair, sick of, tired of, fed up,
enough, never again, uninstall*, delete this, deleted the app, refund, complain*, complaint*, compensat*,
switch to, switching to, going to
leave, leaving you, last straw, do better, get it together, seriously, wtf, smh, ugh, fail, epic fail,
lame, stupid, idiotic, nonsense,
absurd, appalling, dreadful, inexcusable, inconvenien*, hours, ruined, ruin*, stranded, ignored, ignore,
careless, mediocre, avoid,
don't bother, do not bother, not good, not happy, not great, not impressed, not helpful, not ideal, no
help, no one, nobody, downgrade*, regret*,
schlecht*, furchtbar, schrecklich, katastroph*, ärger*, nerv*, unverschämt, enttäusch*, frust*, miserabel,
mies*, zumutung, unzumutbar, peinlich,
wütend, unmöglich, frechheit, saftladen, kündig*, schade, unbefriedigend, unzufrieden*,
pésim*, horrible*, terrible*, malísim*, vergüenza, decepcion*, desastre, inaceptable, molest*, hart*,
enfad*, insatisfech*, basura, peor,
nul, nulle, horrible*, décevant*, déçu*, honte*, inacceptable, catastroph*, pénible, agaçant, scandaleux,
mauvais*, pire,
ghost, lottery, maze, riddle, mortified, embarrassing, laughed, done with, had it with, lost patience, gave up, give
up, giving up, last time, at risk, dreadful*, pointless, hopeless, laughable, overpriced, unfriendly, arrogant,
clueless, sloppy, chaos, mess, messy, misleading, dishonest, deceptive, desperate, in tears, want to cry, behind our
backs, without notice, never call*, chaotisch, ärgerlich, unfreundlich, unfähig, finger weg, wucher, abzocke, zum
kotzen, lächerlich, umsonst, nervig, insoportable, carísim*, estafa, timo, maleducad*, harto, harta, lentísim*,
insupportable, arnaque, gâch*, lamentable, inutile, désinstalle, désagréable*, scandale, ras le bol
"""

PRAISE = """
great, greatest, perfection, easier, powerful, flexible, obsessed, adore, adoro, dope, sweet, yummy,
comfy, comfortable, thoroughly, convenience, ease,
grateful, blessed, congratulation*, proud, thrilled, stoked, yes please, no worries, good job, fave, fav,
bestest, goat, legend, hero, heroes, star, stars, smile*, smiling,
great, love, loved, loves, loving, lovely, excellent, amazing, awesome, best, perfect, perfectly,
fantastic, wonderful, brilliant, superb,
outstanding, fabulous, incredible, delightful, enjoy*, easy, easily, simple, intuitive, helpful, useful,
handy, convenient, friendly, happy,
glad, pleased, satisfied, delighted, impressed, impressive, good, nice, cool, smooth, smoothly, reliable,
solid, fast, quick, quickly, fun,
works well, works great, works fine, working well, just works, works now, works perfectly, well done, good
job, great job, nice work, keep it
up, recommend*, must have, life saver, lifesaver, game changer, saves, saved, saved us, rock, rocks,
rocked, win, winning, favorite,
favourite, beautiful, gorgeous, kind, appreciate*, thumbs up, five stars, no complaints, no issues, no
problems, nothing to complain, can't complain,
so far so good, exactly what, better than, much better, improved, improvement over, made my day, kudos,
shout out, shoutout, props, hats off, bravo,
congrat*, a+, yay, woohoo, hooray, gem, pleasure, super, top, excited, wow, class act, above and beyond,
phenomenal, exceptional, efficient*,
user friendly, satisf*, can't live without, couldn't live without, can't imagine, never had a problem,
never had any, never let, spot on,
toll*, klasse, prima, hervorragend, perfekt*, wunderbar, genial, begeistert, zufrieden*, gut, gute, guter,
gutes, einfach, schnell, lob, freundlich,
großartig, spitze, spitzenmäßig, läuft, zuverlässig, empfehl*, hilfreich, weiter so, schön, übersichtlich,
liebe, freue, freuen, angenehm,
genial*, excelente*, perfect*, maravill*, fácil, fáciles, rápid*, encant*, content*, satisfech*, bonit*,
buen, bueno, buena, buenos, muy bien,
estupend*, recomend*, fenomenal, útil, cómod*, amable*, enhorabuena, feliz, mejor,
excellent*, parfait*, super, génial*, bravo, content*, satisfait*, facile, rapide, pratique, utile, bien,
très bien, recommande, formidable,
calm*, joy, delight, breeze, magic, blessing, bless, hooked, angel, spotless, worth, unbeatable, flawless*, seamless*,
effortless*, neat, tidy, elegant, stable, secure, affordable, fair, cosy, cozy, attentive, patient, professional,
polite, punctual, on time, in no time, within minutes, in minutes, in seconds, ahead of, faster than, bargain,
pleasant, painless, hassle free, trouble free, without a hitch, without any trouble, without any problem*, go-to, go
to tool, peace of mind, sleep better, changed my life, can't wait, cannot wait, helps, helped, helping, as described,
as advertised, as promised, does the job, does what it, does everything, everything i need, everything we need,
everything you need, never failed, never fails, couldn't be happier, buy again, book again, order again, come again,
ten out of ten, 5 stars, lgtm, sorted, went well, going strong, second to none, no brainer, not a single, zero issues,
zero problems, any day, praised, says thanks, renewal is a formality, reference, trust, trustworthy, effective*,
reibungslos*, einwandfrei*, tadellos*, problemlos*, unkompliziert*, pünktlich, nett*, kompetent*, entspannt*, bestens,
gerne wieder, rundum, hält was, macht was, macht spaß, lohnt, sauber*, glücklich, weiterempf*, beste, bester, bestes,
besten, überzeugt, erleichter*, ohne probleme, nie probleme, práctic*, inmejorable*, puntual*, volveremos, sin
problemas, sin duda, maravillos*, adorable, magnífic*, impecable*, todo bien, me gusta, nos gusta, encantad*,
rapidísim*, buenísim*, súper, una joya, nickel, impeccable*, ravi, ravis, ravie, aime, efficace*, rien à redire, rien
à dire, au top, rapidement, sympa*, agréable*, à l'heure, conforme, propre, qualité
"""

THANKS = """
thank*, thx, thnx, ty, tysm, cheers, much appreciated, kudos, appreciate it, grateful, many thanks,
danke, dank, dankeschön, vielen dank, herzlichen dank,
gracias, agradec*,
merci, remercie*
"""

WISH = """
would love, would like, would be great, would be nice, would be good, would be helpful, would be useful,
would be awesome, would be amazing,
would be better, would be perfect, would be cool, would help, would save, would make, i'd love, we'd love,
i'd like, we'd like, it'd be, that'd be, wish,
wishing, wishes, wishlist, please add, please allow, please make, please let, please give, please bring,
please implement, please provide, please support, please
include, please consider, pls add, could you add, can you add, could you please add, add support, add a,
add an, add the, add option,
feature request, feature, features, suggestion*, suggest, should be able, should have, should allow,
should be, should offer, should let, need to be able, need a, need an,
needs a, needs an, needs to be, need to be, we need, i need, they need, needs, need more, need better,
require*, requirement, must be able, want to be able, want a, want to see,
wants, asked for, asks for, asking for, looking for, hoping for, hope you, hope to see, any plans,
planned, roadmap, option to, an option, ability to,
possibility to, possible to, way to, a way, some way, allow us, allow me, let us, let me choose, if only,
if we could, if i could, if you could, missing feature, lacks, lack, instead of, more options,
would pay, dream of, bring back, dark mode, support for, integration with, could use, could do with, be
able to, so that we can, one thing, only thing,
consider, request, requesting, customi*, configur*, enable, per user, per warehouse, approval*, audit,
permission*, role, roles,
wünsch*, wäre schön, wäre gut, wäre toll, wäre super, wäre hilfreich, wäre klasse, würde, würden, bitte
einbauen, bitte ergänzen, bräuchte*, brauchen, braucht, brauche, benötig*, könnte
man, könntet ihr, könnten sie, möglichkeit, funktion, fehlt uns, vermisse*, hätte gern, hätten gern,
gerne, gern, sollte, sollten, schön wäre, gibt es eine möglichkeit, verlangt, vorschlag,
necesit*, sería, estaría bien, estaría genial, me gustaría, nos gustaría, quisiera*, querría*, querem*,
echo de menos, echamos en falta, falta una, falta un, falta, hace falta, ojalá,
podríais, podrían, podéis añadir, añadir, posibilidad, opción, función, poder, pedimos, pide, piden,
sugerencia, exige*,
serait, aimerais, aimerions, souhait*, voudrais, voudrions, besoin, il faudrait, pourriez, pouvez-vous
ajouter, ajouter, manque une, manque un, possibilité, fonctionnalité, suggestion,
make it possible, give us, give me, ability, configurable, only missing, only thing missing, missing is, all that is
missing, that is missing, that's missing, what's missing, wish list, deal breaker, dealbreaker, won't buy without,
would sign, would switch, expect to be able, there should, ought to, how about, even better with, even better if,
would be even better, pls, plz, idea, improvement*, nice to have, must for us, a must, desirable, suggested, miss a, i
miss, we miss, please think about, please offer, please show, please send, please put, please integrate, please
publish, let me, let people, let users, let agents, let guests, there should be, what about adding, thought of adding,
going to support, plan to add, planning to add, bitte eine, bitte einen, bitte ein, bitte auch, bitte mehr, bitte
endlich, fehlt noch, fehlt mir, fehlen mir, fehlt nur, wunsch, wünsche, wäre, wären, bräuchten, einbauen, nachrüsten,
man sollte, es sollte, anbieten, que se pueda, poned, pongan, añadid, añadan, estaría, solo le falta, sólo falta, solo
falta, nos falta, me falta, hagan, haced, permitan, ce serait, ajoutez, mettez, dommage qu, il manque, il nous faut*,
j'aimerais, on aimerait, pourquoi pas, faudrait
"""

ASK = """
how do i, how do we, how can i, how can we, how do you, how to, how does, how long, how much, how many, is
there, are there, is it possible, is it, can i, can we,
can you, could i, could we, could you tell, do you, do we, do i, does it, does the, does your, did you,
are you, are we, will you, will there, will it, where is, where can, where do, where are, what is, what's,
what are, what
does, what do, what time, which, when is, when will, when do, when does, when can, who do, who can, who
is, whom, should i, should we, may i, may we, would it be possible, any idea,
anyone know, wondering, wonder, question, quick question, curious, please tell me, let me know if, do you
know, do you have, do you offer, have you, what happens,
wie kann, wie können, wie geht, wie lange, wie viel, wie viele, wo finde, wo finden, wo kann, gibt es,
kann ich, können wir, kann man, darf, dürfen, wann, welche*, wer, was kostet, ist es möglich, frage, haben
sie, habt ihr, zählt,
cómo, dónde, cuándo, cuánt*, qué, cuál*, hay alguna, hay algún, se puede, puedo, podemos, es posible,
pregunta, duda, tenéis, tienen, quién,
comment, où, quand, combien, quel*, est-ce que, est-ce, peut-on, puis-je, possible de, question, y a-t-il,
pouvez-vous me dire,
is the, are they, are these, does my, will my, can my, may my, must i, do they, is my, how old, how far, how often,
how fast, how big, how heavy, how soon, how high, by when, from when, at what, on which, in which, what speed, what
size, what counts, what happens if, what would, what documents, whats the, whats, wanted to know, would like to know,
want to know, asks whether, asked whether, asked how, asked if, asked when, asks for references, please send me,
please confirm, could you confirm, could you advise, confirm whether, confirm in writing, would you recommend, kindly
ask, have questions, has a question, is anyone, anybody know, can someone explain, can anyone explain, what's the
best, best way to, difference between, wie lege, wie lösche, wie oft, wie alt, wie ändere, wie viel kostet, was ist,
was bedeutet, was brauche, bis wann, bis wie viel, ab wann, darf ich, darf mein, gilt das, wird das, wo stelle, wo
sehe, auf welchem, ist die, ist das, hat das, zählen, qué necesito, se pued*, cómo puedo, hacen, sirve para, hay, à
quelle heure, c'est possible, est il possible, où trouver, peut on, comment faire, ça marche avec
"""

EMPTY = """
out of office, out of the office, automatic reply, auto reply, autoreply, automatische antwort,
abwesenheit*, abwesend, respuesta automática, réponse automatique, fuera de la oficina, on annual leave,
on vacation, maternity leave,
n/a, na, none, nothing, nada, nichts, rien, nope, test, testing, asdf*, no comment, no comments, kein
kommentar, sin comentarios, unsubscribe, undeliverable, delivery status, mailer daemon, calendar,
invitation, invoice attached, rescheduled, postponed, moved to, lunch, dinner, coffee, small talk, agenda,
minutes, intro call, first call, kick off, job, applying, application, cv, résumé, vacancy,
seo, backlink*, guest post, partnership, sponsor*, offer, discount, promo*, wrong number, wrong address,
wrong person, ignore this, ignore previous, ignore all, disregard, system prompt, instructions,
retweet, follow back, dm, giveaway, contest, no idea, don't know, dunno, ask me later, too early,
voicemail, left message, no opinion, wrong inbox, please ignore, see attachment, see attached, as
discussed, spam, bewerb*, newsletter, webinar,
hello, hi, hey there, good morning, good afternoon, good evening, guten tag, guten morgen, hallo, hallo zusammen,
bonjour, bonsoir, buenos días, buenas tardes, hola, saludos, regards, best regards, kind regards, dear, sincerely, to
whom it may, mfg, viele grüße, cordialement, attached, enclosed, enclose, herewith, anbei, adjunto, ci-joint, pièce
jointe, siehe anhang, see below, fyi, cc, bump, noted, will do, ok, okay, lol, haha, jajaja, hahaha, see you, talk
later, forwarded, forward this, happy new year, merry christmas, birthday, weather, raining, snowing, sent from my,
sent from a, i am a, we are a, we're a, i live, we live, my name is, years old, on my way, just landed, just arrived,
just did, new here, not yet, can't judge, nothing to add, nothing comes, ask me in, met with, meeting moved, moved to
next, walked through, went through the org, shared the, sent slides, next check-in, follow me, follow up call,
mailbox, verify your account, click here, act now, limited time, off today, profile, recruit*, vacation, urlaub, bin
bis, verschoben, de vacaciones, aplazada, cerrados por, absent, fermé, je vous rappelle, melde mich, hat sich
erledigt, wrong chat, wrong company, by mistake, please leave a message
"""

URGENT = """
again, every time, always, constantly, repeatedly, since, after the update, last update, latest update,
new update, update, upgrade*, version, release, hours, days, weeks, minutes, urgent*, asap, immediately,
customers, money, why,
fix, fixed, fixes, please fix, resolve*, solve*, solution, workaround, manually, by hand, each time, every
day, every week, every month, support, ticket, call me, nobody, instead, suddenly, unexpected*, supposed
to, should have, tried,
warum, wieso, jedes mal, ständig, seit, wieder, immer, manuell, von hand, beheben, dringend, plötzlich,
obwohl, statt, trotz*,
por qué, porqué, cada vez, siempre, desde, manualmente, a mano, urgente*, arregl*, solucion*, de repente,
en vez de, en lugar de, aunque,
pourquoi, chaque fois, toujours, depuis, à la main, corrig*, résou*, malgré, alors que,
ago, yesterday, this morning, last night, last week, overnight, over night, third time, second time, twice a, for
days, for weeks, for months, for hours, for three days, still, hour, day, week, month, months, year, years, gestern,
heute morgen, wochen, monate, monaten, tagen, stunden, desde ayer, ayer, semana, semanas, meses, días, horas, depuis
hier, hier, semaines, mois, jours, heures, every single, each month, no matter
"""

BUT = """
but, however, although, though, except, only, aber, jedoch, allerdings, nur, pero, sin embargo, aunque,
mais, cependant, unfortunately, leider, lamentablemente, malheureusement, yet, wish,
on the other hand, shame about, apart from, except that, other than, one off for, if only, would be a 10, in spite,
despite, solo que, excepto, sauf, bis auf, doch, dafür
"""

WHY = """
why, why's, how come, what happened, what is going on, what's going on, whats going on, where is my, where are my,
where's my, wheres my, where did, where has, when will, when are you, is anyone else, is anybody else, am i the only,
are you ever, do you even, did you change, did you really, what do i do when, what am i supposed, what's up with, who
do i complain, warum, wieso, weshalb, wo bleibt, wo ist mein*, por qué, porqué, qué pasa, dónde está mi, pourquoi, où
est mon, où est ma, que se passe
"""

ORDER = """
add, allow, let, make, give, show, bring, offer, support, provide, publish, expose, include, enable, integrate, put,
introduce, implement, display, remind, bitte, macht, baut, bietet, please, por favor, svp, s'il vous plaît, more,
better, extend, expand
"""

NO = """
no, not, nothing, never, none, nobody, without, neither, nowhere, nor, zero, nicht, nichts, kein*, ohne, niemand, nie,
nada, nadie, sin, ningun*, ningún, pas, rien, aucun*, personne, sans, isn't, doesn't, don't, didn't, wasn't, aren't,
weren't, isnt, doesnt, dont, didnt
"""

GONE = """
no more, any more, anymore, no longer, used to, ya no, ne plus, plus de, nicht mehr, weg, gone, fixed, resolved,
solved, sorted, gelöst, behoben, resuelto, arreglado, réglé, résolu, since we use, since we have, since i have, seit
wir, desde que lo, never been, finally, endlich, por fin, enfin, at last, replaced, dropped by, cut by, went from,
down to
"""

ME = """
i am, i'm, we are, we're, i was, my, our, me, us, ich, wir, mein*, unser*, yo, nosotros, mi, je, nous, mon, notre
"""

NOT = word_set(
    "not no never without hardly nothing nobody none neither nor don't doesn't didn't isn't aren't wasn't "
    "weren't can't cannot couldn't won't wouldn't shouldn't haven't hasn't ain't dont doesnt didnt isnt cant "
    "wont zero nicht kein keine keinen keinerlei nie niemals ohne weder nunca sin ni jamás ningún ninguna "
    "tampoco pas jamais sans aucun aucune plus "
)
"""Turns the cue within the next three words."""

_SETS = {
    "FAIL": FAIL,
    "DOUBT": DOUBT,
    "BAD": BAD,
    "PRAISE": PRAISE,
    "THANKS": THANKS,
    "WISH": WISH,
    "ASK": ASK,
    "EMPTY": EMPTY,
}
_SETS |= {"URGENT": URGENT, "BUT": BUT, "WHY": WHY, "ORDER": ORDER, "NO": NO, "GONE": GONE, "ME": ME}
_SHORTEST_STEM = 3


@cache
def _vocabulary() -> tuple[
    dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, list[tuple[tuple[str, ...], str]]]
]:
    """Cues by word, by stem, and phrases by their first word, the longest first."""
    words: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for cue, entry in _entries():
        parts = tuple(entry.split())
        if len(parts) > 1:
            phrases.setdefault(parts[0], []).append((parts[1:], cue))
        elif entry.endswith("*"):
            stems[entry[:-1]] = (*stems.get(entry[:-1], ()), cue)
        elif cue not in words.get(entry, ()):
            words[entry] = (*words.get(entry, ()), cue)
    for tails in phrases.values():
        tails.sort(key=lambda tail: -len(tail[0]))
    return words, stems, phrases


def _entries() -> Iterator[tuple[str, str]]:
    for cue, listing in _SETS.items():
        for entry in listing.split(","):
            if entry.strip():
                yield cue, " ".join(entry.split())


@lru_cache(maxsize=50_000)
def word_cues(word: str) -> tuple[str, ...]:
    """What the word, in lower case, is a cue for."""
    words, stems, _ = _vocabulary()
    found = words.get(word, ())
    for size in range(_SHORTEST_STEM, len(word) + 1):
        found += stems.get(word[:size], ())
    return tuple(dict.fromkeys(found))


def phrases_from(word: str) -> list[tuple[tuple[str, ...], str]]:
    """The rest of each phrase that begins with the word, and its cue; the longest first."""
    return _vocabulary()[2].get(word, [])
