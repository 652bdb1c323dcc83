#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bitscheck::fuzzing::http_answer(data));
