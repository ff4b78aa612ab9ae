"""What people call the columns of a log: words that tell a role, in the languages that the words come from."""

from __future__ import annotations

import re

IDS = {"id", "ids", "key", "no", "nr", "num", "number", "code", "uuid", "hash", "idx", "index", "sk", "token"}
"""Words beside the noun that say that a column names something."""


def words_among(text: str) -> frozenset[str]:
    """The words of a text.

    >>> sorted(words_among("user client"))
    ['client', 'user']
    """
    return frozenset(text.split())


NOUNS: dict[str, frozenset[str]] = {
    "user": words_among(
        "user customer client visitor member reader person account subscriber listener viewer student household buyer "
        "shopper profile author session u uid userid customerid clientid visitorid memberid accountid sessionid "
        "reviewer reviewerid kunde kunden kundennummer kundennr kundenid nutzer nutzerid benutzer haushalt "
        "utilisateur usager cliente usuario utente "
        "klant cust device"
    ),
    "item": words_among(
        "item product movie film book track song artist article asin parent isbn sku business poi venue app game good "
        "listing recipe video news pin ad creative course stock content document page iid itemid productid movieid "
        "bookid trackid songid artistid articleid gameid appid videoid prod artikel artikelnummer artikelnr "
        "artikelid produkt produktnummer produktid ware buch produit livre "
        "producto articulo libro prodotto articolo"
    ),
    "time": words_among(
        "time timestamp date datetime ts when created updated at day dt unix epoch moment occurred datum zeit "
        "zeitpunkt uhrzeit fecha hora heure jour temps giorno ora tijd tstamp unixreviewtime"
    ),
    "kind": words_among(
        "event type action behavior behaviour kind interaction feedback outcome activity operation aktion ereignis "
        "evento accion evenement"
    ),
    "value": words_among(
        "rating ratings rate stars star score overall vote votes grade label target y clicked click bewertung note "
        "puntuacion voto like liked"
    ),
    "weight": words_among(
        "weight weights plays playcount listens listencount count counts freq frequency gewicht hits streams"
    ),
    "after": words_among(
        "quantity qty amount total subtotal revenue sales price asset discount paid cost value duration dwell watched "
        "spent menge anzahl betrag preis umsatz quantite montant prix cantidad importe precio"
    ),
    "group": words_among(
        "order orderid basket basketid transaction transactionid cartid invoiceid invoice receipt cart "
        "session request impression bestellung rechnung commande factura "
        "pedido"
    ),
    "name": words_among(
        "title name description label headline caption titel bezeichnung beschreibung nom titre nombre titulo"
    ),
    "category": words_among(
        "class subclass category subcategory brand department dept zip zipcode postal plz postcode gender sex group "
        "segment type country city state region store shop occupation kategorie marke categorie"
    ),
}
"""By role. `after` is known only once the event is over, `group` numbers what several events belong to, `name` is what
people read, and `category` is no number even where it is written in digits."""
SUFFIX = re.compile(r":(token|token_seq|float|float_seq)$")
"""What a RecBole file says of a column's type behind its name."""


def parts_of_name(name: str) -> tuple[str, ...]:
    """The words of a column's name.

    >>> parts_of_name("CustomerID"), parts_of_name("user_id:token"), parts_of_name("TRANSACTION_DT")
    (('customer', 'id'), ('user', 'id'), ('transaction', 'dt'))
    """
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", SUFFIX.sub("", name))
    return tuple(re.findall(r"[^\W_]+", plain.lower()))


def called(name: str, role: str) -> bool:
    """Whether a column's name says that it names a user or an item, which needs the noun and words for ids alone.

    >>> called("movieId", "item"), called("product_subclass", "item"), called("CUSTOMER_ID", "user")
    (True, False, True)
    """
    parts = parts_of_name(name)
    nouns = [part for part in parts if part not in IDS]
    if parts[-2:] == ("pin", "code"):  # of a letter, not of a picture
        return False
    return bool(nouns) and all(part in NOUNS[role] or part.rstrip("s") in NOUNS[role] for part in nouns)


def speaks_of(name: str, role: str) -> bool:
    """Whether one of the words of a column's name is one of a role.

    >>> speaks_of("event_time", "time"), speaks_of("SALES_PRICE", "after"), speaks_of("colour", "time")
    (True, True, False)
    """
    return any(part in NOUNS[role] for part in parts_of_name(name))


def like_a_name(text: str) -> bool:
    """Whether a text is one that people give to a column.

    >>> like_a_name("user_id"), like_a_name("rating"), like_a_name("bread")
    (True, True, False)
    """
    parts = parts_of_name(text)
    return bool(parts) and (parts[-1] in IDS or any(part in NOUNS[role] for role in NOUNS for part in parts))
