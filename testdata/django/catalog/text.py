"""Helpers of the views, in a file of their own."""


def credits(albums):
    return [credit(album) for album in albums]


def credit(album):
    return album.title + " " + origin(album.artist)


def origin(artist):
    return "/".join((artist.name, artist.label.name))


def describe(album):
    return "{} ({})".format(album.title, album.artist.name)
