/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front of an array: taking a slot. The layout and the rules: front.h. Looking at it is made by
 * backends/llvm/front.c.
 */
#include "runtime/kern/kern.h"
#include "runtime/kern/front.h"

#include <asm-generic/errno.h>

/* Straight on, in what is put in place: verifiers before 6.2 refuse some short loops. */
#define EACH_WORD(i, words)                                                                  \
	_Pragma("unroll") for (u64 i = 0; i < FRONT_KEY_WORDS; i++) if (i < (words))

static inline __attribute__((always_inline)) u64 hash_of(const u64 *key, u64 words)
{
	u64 hash = 0;

	EACH_WORD(i, words)
		hash = front_hash(hash, key[i]);
	return hash;
}

static inline __attribute__((always_inline)) struct front_slot *slot_of(void *front, u64 hash,
									u64 layout, u64 first)
{
	u32 index = (hash >> FRONT_LAYOUT_SHIFT(layout)) + first;

	return bpf_map_lookup_elem(front, &index);
}

static inline __attribute__((always_inline)) void slot_claim(void *front, const u64 *key,
							     u64 layout, u64 first,
							     const u64 *element)
{
	u64 words = FRONT_LAYOUT_WORDS(layout), hash = hash_of(key, words);
	struct front_slot *slot = slot_of(front, hash, layout, first);

	if (!slot || *(volatile u64 *)&slot->state != FRONT_FREE ||
	    __sync_val_compare_and_swap(&slot->state, FRONT_FREE, FRONT_BUSY) != FRONT_FREE)
		return;
	slot->sequence = element[0];
	EACH_WORD(i, words)
		slot->key[i] = key[i];
	/* Not if user space has made it a dead one meanwhile. */
	__sync_val_compare_and_swap(&slot->state, FRONT_BUSY, front_tag(hash));
}

/* Takes the slot for @key, which has become @element of the map, unless another key has it. */
KERN void sonde_front_claim(void *front, const u64 *key, u64 layout, u64 first, const u64 *element)
{
	slot_claim(front, key, layout, first, element);
}

/*
 * The long way, out of the handlers' way, one for the whole program: the element of @key in @map,
 * made if need be, and the slot. Where its values are; NULL: *@full says whether that is because
 * the array is full.
 */
KERN_CALL u64 *sonde_front_element(void *map, void *front, const u64 *key, u64 layout, u64 *full)
{
	u64 *element = bpf_map_lookup_elem(map, key), first = 0;

	*full = 0;
	if (!element) {
		u64 value[1 + FRONT_VALUE_WORDS] = { 0 };
		long error;

		value[0] = __sync_fetch_and_add(&sonde_session.sequence, 1) + 1;
		error = bpf_map_update_elem(map, key, value, BPF_NOEXIST);
		if (error && error != -EEXIST) {
			*full = error == -E2BIG;
			return NULL;
		}
		element = bpf_map_lookup_elem(map, key);
		if (!element)
			return NULL;
	}
	if (layout & FRONT_LAYOUT_BY_CPU)
		first = (u64)bpf_get_smp_processor_id() * FRONT_LAYOUT_SLOTS(layout);
	slot_claim(front, key, layout, first, element);
	return element + 1;
}
