"""Words that carry no topic, in English, German, Spanish and French, and where a title may begin and end.

Ours, written by hand. In lower case; apostrophes are straight.
"""

import re

from insights.text.words import word_set

ARTICLES = word_set(
    "the a an this that these those some any each every all both our my your his her their its another no "
    "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem jede jeder jedes jeden "
    "alle allen unser unsere unseren unserem unserer mein meine meinen meinem meiner ihr ihre ihren ihrem ihrer kein "
    "keine keinen el la los las un una unos unas este esta estos estas ese esa esos esas cada todo toda todos todas "
    "nuestro nuestra nuestros nuestras mi mis su sus tu tus lo le les l' des du ce cette ces notre nos mon ma mes "
    "votre vos chaque tous toutes"
)
PREPOSITIONS = word_set(
    "of in on at by for with from to into onto over under after before during between through without within about "
    "against across per via as than like until till since up down around behind beyond near upon except "
    "von vom in im ins an am ans auf aus bei beim mit nach zu zum zur für gegen ohne um über unter vor hinter neben "
    "zwischen durch seit bis ab trotz wegen während pro "
    "de del en a al con por para sin sobre entre desde hasta hacia según tras bajo contra durante "
    "dans sur avec pour sans sous par vers chez depuis avant après entre pendant aux au à d'"
)
JOINERS = word_set(
    "and or but nor so because although though while whereas when whenever if unless once where which who whom whose "
    "that then yet however therefore und oder aber denn weil dass wenn als ob obwohl damit sondern sobald falls wo "
    "wobei welche welcher welches sodass deshalb daher dann jedoch y e o u pero porque aunque cuando si que donde "
    "mientras como pues sino et ou mais car donc quand lorsque parce que qui où puis"
)
PRONOUNS = word_set(
    "i we you he she it they me us him them myself ourselves yourself itself themselves mine ours yours someone "
    "somebody anyone anybody everyone everybody nobody one something anything everything nothing there here what "
    "who i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll it's it'll they're they've that's "
    "there's here's he's she's what's im ive whoever "
    "ich wir du er sie es man mir mich uns dir dich ihm ihn ihnen euch sich jemand niemand etwas nichts was wer da "
    "hier selbst das yo nosotros nosotras tú usted ustedes él ella ellos ellas me nos te se os alguien nadie algo "
    "nada eso esto aquí ahí allí je nous tu vous il elle ils elles on moi toi lui leur se ça cela y en ceci"
)
AUXILIARIES = word_set(
    "is are was were be been being am has have had having do does did doing done will would can could should shall "
    "may might must get gets got getting gotten isn't aren't wasn't weren't hasn't haven't hadn't ist sind war waren "
    "sein gewesen bin wird werden wurde wurden worden hat haben habe hatte hatten kann können könnte könnten soll "
    "sollte sollten muss müssen musste will wollen wollte würde würden darf dürfen möchte möchten es son está están "
    "era eran fue fueron ser estar sido ha han he hemos había habían haber tiene tienen tengo tenemos puede pueden "
    "podría debe deben hay est sont était étaient être été a ont avons avez suis sommes avait peut peuvent doit"
)
ADVERBS = word_set(
    "just also even still again very too so only really quite rather almost already always often sometimes usually "
    "now today yesterday tomorrow currently recently lately ever soon later ago actually basically literally simply "
    "maybe perhaps please kindly otherwise instead anyway meanwhile finally apparently obviously honestly exactly "
    "roughly nearly about more most less least much many few several lot lots bit such same other others else own "
    "first second last next new old good great nice big small whole full entire right well better best bad fine okay "
    "ok yes no thing things stuff way ways time times day days week weeks month months year years hour hours minute "
    "minutes seconds morning afternoon evening night monday tuesday wednesday thursday friday saturday sunday every "
    "long short early late one two three four five six seven eight nine ten half dozen hundred thousand couple back "
    "away together probably especially totally completely properly correctly anymore yet either neither nor "
    "auch noch nur schon sehr immer wieder mal jetzt heute gestern morgen leider bitte etwa circa rund mehr viel viele "
    "wenig ganz gar eben halt doch einfach bereits sonst dort hin her mehrere paar erst eigentlich wirklich plötzlich "
    "tag tage tagen woche wochen monat monaten jahr jahre uhr minuten stunden sekunden montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag zwei drei vier fünf sechs sieben acht neun zehn "
    "también ya muy más menos mucho mucha muchos muchas poco siempre nunca ahora hoy ayer mañana así bien mal solo "
    "sólo casi todavía aún vez veces día días semana semanas mes meses año años hora horas minutos lunes martes "
    "miércoles jueves viernes sábado domingo dos tres cuatro cinco seis siete ocho nueve diez otra otro "
    "aussi encore très plus moins toujours déjà trop bien alors jour jours semaine semaines mois fois heure heures"
)
VAGUE = word_set(
    "please need needs needed want wants wanted would like know see say says said tell told think thought make makes "
    "made take takes took go goes going went come comes came give gives gave put use used using try tried trying "
    "keep keeps kept let look looks looking find found help ask asked start started seem seems happen happens "
    "happened mean means show shows happening feel believe guess hope love hate wish call called work works working "
    "worked working problem problems issue issues question thanks thank hello hi hey dear team support customer "
    "customers people person someone company software system tool app crateline product feature features colleague "
    "colleagues guys everyone anyone boss manager staff user users "
    "problem probleme frage hallo danke team kunde kunden kollege kollegen kollegin brauchen braucht gibt geht "
    "machen macht machte kommt kommen steht sagt bitte gerne guten programm system "
    "problema problemas hola gracias equipo cliente clientes necesitamos necesito hacer hace sale sabe dice programa "
    "problème bonjour merci équipe client clients"
)
"""Content words in grammar, but too common to say what hurts."""

FUNCTION = ARTICLES | PREPOSITIONS | JOINERS | PRONOUNS | AUXILIARIES | ADVERBS
BOUNDARIES = PREPOSITIONS | JOINERS
NOT_FIRST = PREPOSITIONS | JOINERS | PRONOUNS | AUXILIARIES
NOT_LAST = (
    ARTICLES
    | PREPOSITIONS - word_set("up down over ab an auf aus um vor")
    | JOINERS
    | PRONOUNS
    | AUXILIARIES
    | word_set(
        "very too so only really quite rather just also even still every please not never nicht sehr auch muy no"
    )
)

PERSONAL = PRONOUNS | word_set(
    "my our your his her their unser unsere unserem unseren unserer mein meine meinem meinen meiner ihr ihre ihren "
    "ihrem nuestro nuestra nuestros nuestras mi mis su sus tu tus notre nos mon ma mes votre vos"
)
COUPLING = word_set("and or but und oder aber y o pero et ou mais")
WEAK_FIRST = (
    ADVERBS
    | VAGUE
    | word_set(
        "weekend middle part rest kind sort lot autumn summer winter spring left took fine whatever newest someone "
        "ever third second above below case fact example wochenende fin falta"
    )
)

PROFANITY = re.compile(
    r"\b(?:fuck\w*|shit\w*|crap\w*|bullshit|damn\w*|bastard\w*|bitch\w*|arse\w*|ass|asshole\w*|wtf|scheiß\w*|scheiss\w*"
    r"|verdammt\w*|mierda|joder|coño|puta\w*|merde|putain|piss\w*|suck\w*|idiot\w*|stupid\w*|moron\w*)\b",
    re.IGNORECASE,
)
