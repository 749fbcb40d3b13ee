from django.contrib import admin

from catalog.models import Album, Artist, Genre, Label, RecentAlbum, Track


@admin.register(Album)
class AlbumAdminBad(admin.ModelAdmin):
    """A column that reads two relations of each row; Django joins only foreign keys that are columns themselves."""

    list_display = ["title", "year", "signed_to"]
    ordering = ["id"]

    @admin.display(description="label")
    def signed_to(self, album):
        return album.artist.label.name


@admin.register(RecentAlbum)
class RecentAlbumAdminGood(admin.ModelAdmin):
    list_display = ["title", "year", "signed_to"]
    list_select_related = ["artist__label"]
    ordering = ["id"]

    @admin.display(description="label")
    def signed_to(self, album):
        return album.artist.label.name


@admin.register(Track)
class TrackAdminGood(admin.ModelAdmin):
    """str(album) reads the artist too. Before 6.1 Django joins all that a column's foreign key refers to by itself."""

    list_display = ["name", "album"]
    list_select_related = ["album__artist"]
    ordering = ["id"]


@admin.register(Artist)
class ArtistAdminBad(admin.ModelAdmin):
    """A foreign key that may be null: Django's own join leaves it out before 6.1."""

    list_display = ["name", "patron"]
    ordering = ["id"]


@admin.register(Genre)
class GenreAdminBad(admin.ModelAdmin):
    """A count for each row."""

    list_display = ["name", "album_count"]
    ordering = ["id"]

    def album_count(self, genre):
        return genre.albums.count()


class ArtistInline(admin.TabularInline):
    model = Artist
    fields = ["name"]
    extra = 0


@admin.register(Label)
class LabelAdminGood(admin.ModelAdmin):
    """A column that is a foreign key: Django joins it."""

    list_display = ["name", "region"]
    inlines = [ArtistInline]
    ordering = ["id"]
