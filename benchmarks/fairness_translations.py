"""Short items of the sample firm in German, Spanish and French, written for this project."""

from collections.abc import Mapping

TRANSLATIONS: Mapping[str, tuple[str, str, str]] = {
    "invite e-mails and password resets take forever to arrive": (
        "Einladungsmails und Passwort-Resets kommen ewig nicht an",
        "los correos de invitación y de restablecer la contraseña tardan una eternidad en llegar",
        "les e-mails d'invitation et de réinitialisation du mot de passe mettent une éternité à arriver",
    ),
    "prints my lables the size of a stamp": (
        "druckt meine Etiketten so groß wie eine Briefmarke",
        "imprime mis etiquetas del tamaño de un sello",
        "imprime mes étiquettes de la taille d'un timbre",
    ),
    "Add multi step purchase order approval and I'm a 10": (
        "Mit mehrstufiger Freigabe von Bestellungen gebe ich eine 10",
        "Añadid la aprobación de pedidos de compra en varios pasos y os doy un 10",
        "Ajoutez la validation des commandes en plusieurs étapes et je mets 10",
    ),
    "dashboard is sloooow to load": (
        "das Dashboard lädt sehr laaangsam",
        "el panel de inicio tarda muchísimo en cargar",
        "le tableau de bord est treees lent à charger",
    ),
    "password reset mail goes to spam every time": (
        "die Mail zum Zurücksetzen des Passworts landet jedes Mal im Spam",
        "el correo para restablecer la contraseña va siempre a spam",
        "l'e-mail de réinitialisation du mot de passe arrive toujours dans les spams",
    ),
    "fine apart from the being logged out at random": (
        "gut, nur werde ich immer wieder zufällig ausgeloggt",
        "bien, salvo que me cierra la sesión al azar",
        "bien, sauf que je suis déconnecté au hasard",
    ),
    "dosnt work in the yard no wifi no offline mode": (
        "geht auf dem Hof nicht, kein WLAN, kein Offline-Modus",
        "no funciona en el patio, no hay wifi ni modo sin conexión",
        "ne marche pas dans la cour, pas de wifi, pas de mode hors ligne",
    ),
    "billed for seats of poeple who left last year": (
        "wir zahlen für Lizenzen von Leuten, die letztes Jahr gegangen sind",
        "nos cobran licencias de personas que se fueron el año pasado",
        "on nous facture des licences pour des gens partis l'an dernier",
    ),
    "xero full of duplicate invoices from ledgerlink": (
        "Xero ist voll von doppelten Rechnungen aus LedgerLink",
        "xero está lleno de facturas duplicadas de ledgerlink",
        "xero est plein de factures en double venant de ledgerlink",
    ),
    "carrier rates for shipping never match the courier's bill": (
        "die Versandpreise stimmen nie mit der Rechnung des Kuriers überein",
        "las tarifas de envío nunca coinciden con la factura del transportista",
        "les tarifs d'expédition ne correspondent jamais à la facture du transporteur",
    ),
    "Cant downlaod our own stock list at month end": (
        "Am Monatsende können wir unsere eigene Bestandsliste nicht herunterladen",
        "No podemos descargar nuestra propia lista de existencias a fin de mes",
        "Impossible de télécharger notre propre liste de stock en fin de mois",
    ),
    "search should find old item numbers": (
        "die Suche sollte alte Artikelnummern finden",
        "la búsqueda debería encontrar números de artículo antiguos",
        "la recherche devrait trouver les anciens numéros d'article",
    ),
    "webshop stock in shopfy never maches": (
        "der Bestand im Webshop bei Shopify stimmt nie",
        "las existencias de la tienda web en shopify nunca coinciden",
        "le stock de la boutique en ligne dans shopify ne correspond jamais",
    ),
}
