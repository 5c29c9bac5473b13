/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: a mark whose name has a dash, as dtrace(1) writes it
//# opt: O2
__attribute__((noinline)) void hit(void)
{
	__asm__ volatile("990:	nop\n"
		".pushsection .note.stapsdt,\"?\",\"note\"\n"
		".balign 4\n .4byte 992f-991f, 994f-993f, 3\n"
		"991:	.asciz \"stapsdt\"\n"
		"992:	.balign 4\n"
		"993:	.8byte 990b, 0, 0\n"
		"	.asciz \"demo\", \"two__word__mark\", \"\"\n"
		"994:	.balign 4\n .popsection\n");
}

int main(void)
{
	hit();
	return 0;
}
