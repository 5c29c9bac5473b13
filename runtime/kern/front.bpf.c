/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front of an array, as handlers use it. The layout and the rules: front.h. */
#include "runtime/kern/kern.h"
#include "runtime/kern/front.h"

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

/* The values of @key's slot, if it holds one; @first: the number of the first of this CPU's slots.
 * The state is compared before the key: a processor that sees the key late sees a tag that is not
 * ours. */
KERN u64 *sonde_front_find(void *front, const u64 *key, u64 layout, u64 first)
{
	u64 words = FRONT_LAYOUT_WORDS(layout), hash = hash_of(key, words);
	struct front_slot *slot = slot_of(front, hash, layout, first);

	if (!slot || *(volatile u64 *)&slot->state != front_tag(hash))
		return NULL;
	EACH_WORD(i, words)
		if (slot->key[i] != key[i])
			return NULL;
	return slot->key + words;
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

/* Seldom runs: one for the whole program. */
KERN_CALL void sonde_front_claim_call(void *front, const u64 *key, u64 layout, u64 first,
				      const u64 *element)
{
	slot_claim(front, key, layout, first, element);
}
