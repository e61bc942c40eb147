"""The public addresses of complaints, in Chinese at / and in English at /en/."""

from django.urls import path

from complaints.portal import callback, chat, files, filing, human, landing, linking, notice, privacy, survey, tracker

app_name = "complaints"
urlpatterns = [
    path("", landing.show_landing, name="landing"),
    path("human/", human.show_human, name="human"),
    path("file/", filing.show_problem, name="filing"),
    path("file/check/", filing.show_check, name="filing-check"),
    path("file/draft/", files.save_draft, name="filing-draft"),
    path("file/files/", files.upload_file, name="filing-files"),
    path("file/files/<str:key>/remove/", files.remove_file, name="filing-file-remove"),
    path("files/<str:key>/", files.show_file, name="file"),
    path("privacy/", notice.show_notice, name="notice"),
    path("privacy/<str:version>/", notice.show_notice, name="notice-version"),
    path("link/", linking.send_link, name="link-send"),
    path("t/<str:token>/", linking.open_complaint, name="complaint-open"),
    path("t/<str:token>/chat/", linking.open_complaint, {"page": "chat"}, name="complaint-open-chat"),
    path("t/<str:token>/survey/", linking.open_complaint, {"page": "survey"}, name="complaint-open-survey"),
    path("t/<str:token>/privacy/", linking.open_complaint, {"page": "privacy"}, name="complaint-open-privacy"),
    path("c/<str:number>/", tracker.show_tracker, name="tracker"),
    path("c/<str:number>/reply/", tracker.post_reply, name="tracker-reply"),
    path("c/<str:number>/files/", tracker.upload_file, name="tracker-files"),
    path("c/<str:number>/link/", tracker.show_fresh_link, name="tracker-keep"),
    path("c/<str:number>/chat/", chat.show_chat, name="chat"),
    path("c/<str:number>/chat/pulse/", chat.pulse, name="chat-pulse"),
    path("c/<str:number>/chat/transcript/", chat.show_transcript, name="chat-transcript"),
    path("c/<str:number>/chat/<slug:verb>/", chat.act, name="chat-act"),
    path("c/<str:number>/callback/", callback.show_callback, name="callback"),
    path("c/<str:number>/callback/cancel/", callback.cancel, name="callback-cancel"),
    path("c/<str:number>/survey/", survey.show_survey, name="survey"),
    path("c/<str:number>/privacy/", privacy.show_privacy, name="privacy"),
    path("c/<str:number>/privacy/link/", privacy.send_link, name="privacy-link"),
    path("c/<str:number>/privacy/copy/", privacy.hand_out_copy, name="privacy-copy"),
    path("c/<str:number>/privacy/ask/", privacy.ask, name="privacy-ask"),
    path("c/<str:number>/<slug:verb>/", tracker.use_verb, name="tracker-verb"),
]
