"""An RTSP camera for tests: GStreamer's own server, with a moving picture in H.264 and a tone in A-law.

/live   no log-in          /locked   digest log-in: cam, secret
Takes a port (0 is any), writes it to standard output. Debian: gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good …-ugly
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
gi.require_version("GstRtsp", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)

PICTURE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1"
H264 = f"{PICTURE} ! x264enc tune=zerolatency key-int-max=15 bitrate=500 ! rtph264pay name=pay0 pt=96"
TONE = "audiotestsrc is-live=true freq=1000 volume=0.5 ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1] if len(sys.argv) > 1 else "0")

auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
keeper = GstRtspServer.RTSPToken()
keeper.set_string("media.factory.role", "keeper")
auth.add_digest("cam", "secret", keeper)
anybody = GstRtspServer.RTSPToken()
anybody.set_string("media.factory.role", "anybody")
auth.set_default_token(anybody)
server.set_auth(auth)

for path, launch, is_open in (("/live", f"( {H264} {TONE} )", True), ("/locked", f"( {H264} )", False)):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    # A pipeline for each client: one that takes the sound alone would hold up one that takes the picture.
    factory.set_shared(False)
    # Whoever may see that it is there but not open it is asked to log in.
    for role, may_open in (("anybody", is_open), ("keeper", True)):
        rights = f"{role}, media.factory.access=(boolean)true, media.factory.construct=(boolean){may_open}"
        factory.add_role_from_structure(Gst.Structure.from_string(rights.lower())[0])
    server.get_mount_points().add_factory(path, factory)

server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
