// Typed functions over the parts of libcurl that are variadic in C and therefore invisible to Swift.
#ifndef SWIFTLET_CCURL_H
#define SWIFTLET_CCURL_H

#include <curl/curl.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *_Nullable value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *_Nullable value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *_Nullable list);

// libcurl copies the bytes.
CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count);

// Sets the request body; libcurl copies the bytes.
CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t count);

typedef size_t (*ccurl_data_callback)(
    char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);

CURLcode ccurl_set_write(CURL *easy, ccurl_data_callback function, void *context);
CURLcode ccurl_set_header(CURL *easy, ccurl_data_callback function, void *context);

// Ends a connection whose sent bytes stay unacknowledged for `milliseconds` (TCP_USER_TIMEOUT), and
// keeps sockets from being inherited by programs.
CURLcode ccurl_set_user_timeout(CURL *easy, long milliseconds);

// The value of CURL_WRITEFUNC_PAUSE, a macro that Swift cannot import.
size_t ccurl_write_pause(void);

CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode ccurl_get_time(CURL *easy, CURLINFO info, curl_off_t *microseconds);
CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void *_Nullable *_Nonnull value);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);

// The next finished transfer; NULL when there is none. `code` is what became of it.
CURL *_Nullable ccurl_multi_next_done(CURLM *multi, CURLcode *code);

// Names the calling thread, for people with a debugger; at most 15 bytes.
void ccurl_name_thread(const char *name);

#pragma clang assume_nonnull end

#endif
