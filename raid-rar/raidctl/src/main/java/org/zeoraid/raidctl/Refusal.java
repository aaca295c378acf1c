package org.zeoraid.raidctl;

/** Something that cannot be done, told to the user in one line. */
public final class Refusal extends RuntimeException {

    /** Whether the question was put wrongly, or the thing itself failed. */
    public enum Kind {
        /** What was asked makes no sense, whoever is asked. */
        WRONG_USE,
        /** Nobody answers where somebody was expected. */
        UNREACHABLE,
        /** It was understood, and refused or failed. */
        FAILED
    }

    private final Kind kind;

    private Refusal(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    private Refusal(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public static Refusal wrongUse(String message) {
        return new Refusal(Kind.WRONG_USE, message);
    }

    public static Refusal unreachable(String message, Throwable cause) {
        return new Refusal(Kind.UNREACHABLE, message, cause);
    }

    public static Refusal failed(String message) {
        return new Refusal(Kind.FAILED, message);
    }

    public static Refusal failed(String message, Throwable cause) {
        return new Refusal(Kind.FAILED, message, cause);
    }

    public Kind kind() {
        return kind;
    }
}
