// Where a run of the image begins, on AArch64, and what puts missing pages in their place: entry-x64.s says more,
// and is the same step by step. "npm run generate" assembles it into entry-arm64.json, each instruction beside its
// bytes. Behind it is the table, which entry.ts fills.

	.set SYS_write, 64
	.set SYS_exit_group, 94
	.set SYS_rt_sigaction, 134
	.set SYS_rt_sigprocmask, 135
	.set SYS_rt_sigreturn, 139
	.set SYS_mremap, 216
	.set SYS_mmap, 222
	.set SYS_mprotect, 226
	.set SIG_IGN, 1
	.set SIGSEGV, 11
	.set SEGV_ACCERR, 2
	.set SI_CODE, 8
	.set SI_ADDR, 16
	.set CONTEXT_PC, 440
	.set PROT_READ_WRITE, 3
	.set PROT_EXEC_BIT, 2
	.set MAP_PRIVATE_ANONYMOUS_FIXED, 0x32
	.set MREMAP_MAYMOVE_FIXED, 3
	.set PAGE_SHIFT, 12

	// The table.
	.set ACTION, 0
	.set SIGNALS, 32
	.set MESSAGE_SIZE, 40
	.set PIECE_COUNT, 44
	.set MESSAGE, 48
	.set CODE_STORE, 56
	.set STATE_STORE, 64
	.set PACKED_STORE, 72
	.set LAST, 80
	.set REGISTERS, 88
	.set PIECES, 280

	// A piece.
	.set P_PAGE, 0
	.set P_SOURCE, 4
	.set P_PAGES, 8
	.set P_KIND, 10
	.set P_PROTECTION, 11
	.set P_SIZE, 12
	.set ZERO, 0
	.set CODE, 1
	.set STATE, 2
	.set ZERO_PAGES, 16

entry:
	mov	x19, sp
	adr	x20, table
	sub	sp, sp, #64
	// How many reasons there are to put all pieces in their place now.
	mov	x21, #0
	add	x22, x20, #SIGNALS

each_signal:
	ldrb	w23, [x22]
	cbz	w23, blocked
	mov	w0, w23
	add	x1, x20, #ACTION
	mov	x2, sp
	mov	x3, #8
	mov	x8, #SYS_rt_sigaction
	svc	#0
	cbnz	x0, no_handler
	ldr	x4, [sp]
	cmp	x4, #SIG_IGN
	b.ne	next_signal
	mov	w0, w23
	mov	x1, sp
	mov	x2, #0
	mov	x3, #8
	mov	x8, #SYS_rt_sigaction
	svc	#0
no_handler:
	cmp	w23, #SIGSEGV
	cset	x4, eq
	add	x21, x21, x4
next_signal:
	add	x22, x22, #1
	b	each_signal

blocked:
	mov	x0, #0
	mov	x1, #0
	mov	x2, sp
	mov	x3, #8
	mov	x8, #SYS_rt_sigprocmask
	svc	#0
	ldr	x4, [sp]
	ubfx	x4, x4, #(SIGSEGV - 1), #1
	add	x21, x21, x4
	cbz	x21, resume

// Each piece as a whole.
	add	x22, x20, #PIECES
	ldr	w23, [x20, #PIECE_COUNT]
each_piece:
	cbz	w23, resume
	sub	w23, w23, #1
	ldr	w24, [x22, #P_PAGE]
	ldrh	w25, [x22, #P_PAGES]
	bl	place
	add	x22, x22, #P_SIZE
	b	each_piece

// The thread pointer, and what a called function leaves alone: the AAPCS64.
resume:
	mov	x0, x19
	add	x16, x20, #REGISTERS
	ldp	x1, x2, [x16]
	msr	tpidr_el0, x1
	mov	sp, x2
	ldp	x19, x20, [x16, #16]
	ldp	x21, x22, [x16, #32]
	ldp	x23, x24, [x16, #48]
	ldp	x25, x26, [x16, #64]
	ldp	x27, x28, [x16, #80]
	ldp	x29, x30, [x16, #96]
	ldp	d8, d9, [x16, #112]
	ldp	d10, d11, [x16, #128]
	ldp	d12, d13, [x16, #144]
	ldp	d14, d15, [x16, #160]
	ldr	x17, [x16, #176]
	br	x17

// handler(signal, siginfo, context). All registers but the return address are the kernel's to restore.
handler:
	mov	x26, x30
	adr	x20, table
	// For the message: where it happened, and si_addr.
	ldr	x27, [x2, #CONTEXT_PC]
	ldr	x28, [x1, #SI_ADDR]
	cmp	w0, #SIGSEGV
	b.ne	defect
	ldr	w4, [x1, #SI_CODE]
	sub	w4, w4, #1
	cmp	w4, #SEGV_ACCERR
	b.hs	defect
	lsr	x24, x28, #PAGE_SHIFT
	lsr	x4, x24, #32
	cbnz	x4, defect
	ldr	x4, [x20, #LAST]
	ldr	w5, [x4]
	cmp	w5, w24
	b.eq	defect
	str	w24, [x4]

// The first piece that ends behind the page, by halves: from w9 up to w10.
	mov	w9, #0
	ldr	w10, [x20, #PIECE_COUNT]
	mov	w11, w10
	add	x12, x20, #PIECES
	mov	w13, #P_SIZE
search:
	cmp	w9, w10
	b.hs	found
	add	w14, w9, w10
	lsr	w14, w14, #1
	umaddl	x22, w14, w13, x12
	ldr	w15, [x22, #P_PAGE]
	ldrh	w16, [x22, #P_PAGES]
	add	w15, w15, w16
	cmp	w15, w24
	b.hi	before
	add	w9, w14, #1
	b	search
before:
	mov	w10, w14
	b	search
found:
	cmp	w9, w11
	b.hs	defect
	umaddl	x22, w9, w13, x12
	ldr	w15, [x22, #P_PAGE]
	cmp	w24, w15
	b.lo	defect
	ldrh	w25, [x22, #P_PAGES]
	ldrb	w16, [x22, #P_KIND]
	cbz	w16, zeros
	mov	w24, w15
	bl	place
	mov	x30, x26
	ret

// Of zeros, the chunk that the page is in, as far as the piece goes.
zeros:
	add	w25, w15, w25
	and	w24, w24, #-ZERO_PAGES
	add	w16, w24, #ZERO_PAGES
	cmp	w24, w15
	csel	w24, w15, w24, lo
	cmp	w16, w25
	csel	w25, w25, w16, hi
	sub	w25, w25, w24
	bl	place
	mov	x30, x26
	ret

// Put pages of the piece at x22 in their place: from page w24 on, w25 of them.
place:
	mov	x17, x30
	lsl	x24, x24, #PAGE_SHIFT
	lsl	x25, x25, #PAGE_SHIFT
	ldr	w6, [x22, #P_SOURCE]
	ldrb	w7, [x22, #P_KIND]
	cmp	w7, #CODE
	b.eq	move_code
	cmp	w7, #STATE
	b.eq	move_state

	mov	x0, x24
	mov	x1, x25
	mov	x2, #PROT_READ_WRITE
	mov	x3, #MAP_PRIVATE_ANONYMOUS_FIXED
	mov	x4, #-1
	mov	x5, #0
	mov	x8, #SYS_mmap
	svc	#0
	cmp	x0, x24
	b.ne	defect
	cbz	w7, placed
	ldr	x1, [x20, #PACKED_STORE]
	add	x1, x1, x6
	mov	x0, x24
	add	x2, x24, x25
	bl	unpack
	ldrb	w2, [x22, #P_PROTECTION]
	cmp	w2, #PROT_READ_WRITE
	b.eq	placed
	tbz	w2, #PROT_EXEC_BIT, protect
// What was written is to be executed: lines of caches have 16 bytes at least.
	mov	x0, x24
clean:
	dc	cvau, x0
	add	x0, x0, #16
	sub	x1, x0, x24
	cmp	x1, x25
	b.lo	clean
	dsb	ish
	mov	x0, x24
invalidate:
	ic	ivau, x0
	add	x0, x0, #16
	sub	x1, x0, x24
	cmp	x1, x25
	b.lo	invalidate
	dsb	ish
	isb
protect:
	mov	x0, x24
	mov	x1, x25
	mov	x8, #SYS_mprotect
	svc	#0
	cbnz	x0, defect
placed:
	br	x17

move_code:
	ldr	x0, [x20, #CODE_STORE]
	b	move
move_state:
	ldr	x0, [x20, #STATE_STORE]
move:
	add	x0, x0, x6, lsl #PAGE_SHIFT
	mov	x1, x25
	mov	x2, x25
	mov	x3, #MREMAP_MAYMOVE_FIXED
	mov	x4, x24
	mov	x8, #SYS_mremap
	svc	#0
	cmp	x0, x24
	b.ne	defect
	br	x17

// An LZ4 block: from x1 to x0, where x2 is the end.
unpack:
	ldrb	w3, [x1], #1
	lsr	w4, w3, #4
	cmp	w4, #15
	b.ne	literals
more_literals:
	ldrb	w5, [x1], #1
	add	w4, w4, w5
	cmp	w5, #255
	b.eq	more_literals
literals:
	cbz	w4, after_literals
	ldrb	w5, [x1], #1
	strb	w5, [x0], #1
	sub	w4, w4, #1
	b	literals
after_literals:
	cmp	x0, x2
	b.hs	unpacked
	ldrb	w6, [x1], #1
	ldrb	w5, [x1], #1
	orr	w6, w6, w5, lsl #8
	and	w4, w3, #15
	cmp	w4, #15
	b.ne	match
more_match:
	ldrb	w5, [x1], #1
	add	w4, w4, w5
	cmp	w5, #255
	b.eq	more_match
match:
	add	w4, w4, #4
	sub	x6, x0, x6
each_byte:
	ldrb	w5, [x6], #1
	strb	w5, [x0], #1
	subs	w4, w4, #1
	b.ne	each_byte
	b	unpack
unpacked:
	ret

// Say that it is a defect, where it happened and for which address, and end.
defect:
	ldr	x1, [x20, #MESSAGE]
	ldr	w3, [x20, #MESSAGE_SIZE]
	sub	x22, sp, #1024
	mov	x0, x22
copy:
	ldrb	w4, [x1], #1
	strb	w4, [x0], #1
	subs	w3, w3, #1
	b.ne	copy
	mov	x5, x27
	bl	hexadecimal
	mov	w4, #' '
	strb	w4, [x0], #1
	mov	x5, x28
	bl	hexadecimal
	mov	w4, #'\n'
	strb	w4, [x0], #1
	sub	x2, x0, x22
	mov	x1, x22
	mov	x0, #2
	mov	x8, #SYS_write
	svc	#0
	mov	x0, #111
	mov	x8, #SYS_exit_group
	svc	#0

// Append x5 to the text at x0, in 16 digits.
hexadecimal:
	mov	w6, #16
digit:
	ror	x5, x5, #60
	and	w7, w5, #15
	cmp	w7, #10
	add	w8, w7, #'0'
	add	w7, w7, #('a' - 10)
	csel	w7, w8, w7, lo
	strb	w7, [x0], #1
	subs	w6, w6, #1
	b.ne	digit
	ret

restorer:
	mov	x8, #SYS_rt_sigreturn
	svc	#0

	.balign	16
table:
