/* SHA-256 against the examples of FIPS 180-4 (NIST). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/hash.h"

static void known_texts_have_their_known_hashes(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    assert_string_equal(fe__sha256_hex(a, "", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(fe__sha256_hex(a, NULL, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(fe__sha256_hex(a, "abcd", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_string_equal(fe__sha256_hex(a, two_blocks, strlen(two_blocks)),
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_texts_have_their_known_hashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
