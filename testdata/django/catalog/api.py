"""The catalogue's REST API."""

from django.db.models import Count
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from catalog.models import Album, Artist, Entry, Label, Track


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Label
        fields = ["id", "name"]


class ArtistSerializer(serializers.ModelSerializer):
    label = LabelSerializer()

    class Meta:
        model = Artist
        fields = ["id", "name", "label"]


class AlbumSerializer(serializers.ModelSerializer):
    artist = ArtistSerializer(read_only=True)

    class Meta:
        model = Album
        fields = ["id", "title", "artist"]


class AlbumViewSetBad(viewsets.ReadOnlyModelViewSet):
    """Serializers in serializers: the artist, and the artist's label."""

    queryset = Album.objects.order_by("id")
    serializer_class = AlbumSerializer


class AlbumViewSetGood(viewsets.ReadOnlyModelViewSet):
    queryset = Album.objects.select_related("artist__label").order_by("id")
    serializer_class = AlbumSerializer


class LineSerializer(serializers.ModelSerializer):
    artist_name = serializers.CharField(source="artist.name")
    editor = serializers.ReadOnlyField(source="created_by.username")

    class Meta:
        model = Album
        fields = ["title", "artist_name", "editor"]


class LineListBad(ListAPIView):
    """source= with dots."""

    queryset = Album.objects.order_by("id")
    serializer_class = LineSerializer


class LineListGood(ListAPIView):
    queryset = Album.objects.select_related("artist", "created_by").order_by("id")
    serializer_class = LineSerializer


class ScoreSerializer(serializers.ModelSerializer):
    track_count = serializers.SerializerMethodField()

    class Meta:
        model = Album
        fields = ["title", "track_count"]

    def get_track_count(self, album):
        return album.tracks.count()


class ScoreListBad(ListAPIView):
    """A method field that counts."""

    serializer_class = ScoreSerializer

    def get_queryset(self):
        return Album.objects.filter(year__gte=1990).order_by("id")


class CountedSerializer(serializers.ModelSerializer):
    track_count = serializers.IntegerField()

    class Meta:
        model = Album
        fields = ["title", "track_count"]


class ScoreListGood(ListAPIView):
    serializer_class = CountedSerializer

    def get_queryset(self):
        return Album.objects.annotate(track_count=Count("tracks")).filter(year__gte=1990).order_by("id")


class TrackSerializer(serializers.ModelSerializer):
    class Meta:
        model = Track
        fields = ["number", "name"]


class AlbumTracksSerializer(serializers.ModelSerializer):
    tracks = TrackSerializer(many=True)

    class Meta:
        model = Album
        fields = ["title", "tracks"]


@api_view(["GET"])
def album_tracks_bad(request):
    """many=True over a related manager."""
    albums = Album.objects.order_by("id")[:20]
    return Response(AlbumTracksSerializer(albums, many=True).data)


@api_view(["GET"])
def album_tracks_good(request):
    albums = Album.objects.prefetch_related("tracks").order_by("id")[:20]
    return Response(AlbumTracksSerializer(albums, many=True).data)


class NamedSerializer(serializers.ModelSerializer):
    """StringRelatedField prints str() of the related row."""

    label = serializers.StringRelatedField()

    class Meta:
        model = Artist
        fields = ["name", "label"]


class NamedListBad(ListAPIView):
    """Label.__str__ reads the region."""

    queryset = Artist.objects.order_by("id")
    serializer_class = NamedSerializer


class NamedListGood(ListAPIView):
    queryset = Artist.objects.select_related("label__region").order_by("id")
    serializer_class = NamedSerializer


class FlatSerializer(serializers.ModelSerializer):
    """A foreign key as its key: no row is read for it."""

    class Meta:
        model = Album
        fields = ["title", "artist", "year"]


class FlatListGood(ListAPIView):
    queryset = Album.objects.order_by("id")
    serializer_class = FlatSerializer


class EntrySerializer(serializers.ModelSerializer):
    """Its write path asks one query for what it was given."""

    class Meta:
        model = Entry
        fields = ["id", "album", "text"]

    def validate_text(self, text):
        if Entry.objects.filter(text=text).exists():
            raise serializers.ValidationError("there already")
        return text

    def create(self, validated):
        return Entry.objects.create(**validated)


class EntryViewSetGood(viewsets.ModelViewSet):
    queryset = Entry.objects.order_by("id")
    serializer_class = EntrySerializer


router = SimpleRouter()
router.register("albums/bad", AlbumViewSetBad, basename="albums-bad")
router.register("albums/good", AlbumViewSetGood, basename="albums-good")
router.register("entries", EntryViewSetGood)
