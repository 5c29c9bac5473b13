/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: bit-fields across storage units, numbers wider than 64 bits, bytes that are no text
struct __attribute__((packed)) fields {
	unsigned int a : 5;
	unsigned long b : 37;
	int c : 11;
	long d : 50;
	unsigned long e : 63;
	int f : 2;
};

struct data {
	struct fields *fields;
	unsigned char bytes[3];
	char text[4];
	__int128 huge;
	int (*call)(void);
	int grid[2][2];
};

int answer(void)
{
	return 42;
}

__attribute__((noinline)) int look(struct data *data, int **through)
{
	return data->fields->c + data->bytes[0] + **through;
}

int main(void)
{
	struct fields fields = { 21, 0x1234567890UL, -900, -123456789012345L, 0x7123456789abcdefUL,
				 -2 };
	struct data data = { &fields, { 1, 200, 'c' }, "abc", -1, answer, { { 1, 2 }, { 3, 4 } } };
	int *inner = &data.grid[1][0];

	return look(&data, &inner) == 42;
}
