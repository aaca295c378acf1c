package org.zeoraid.web.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TypedTest {

    @Test
    void numbersAreTypedWithAPointOrAComma() {
        assertThat(Typed.number(" 7 ")).hasValue(7);
        assertThat(Typed.number("1.5")).hasValue(1.5);
        assertThat(Typed.number("1,5")).hasValue(1.5);
        assertThat(Typed.number("-2")).hasValue(-2);
    }

    @Test
    void nothingIsNotZero() {
        assertThat(Typed.number(null)).isEmpty();
        assertThat(Typed.number("  ")).isEmpty();
    }

    @Test
    void whatIsNoNumberOrTwoIsRefused() {
        assertThatThrownBy(() -> Typed.number("ten")).hasMessageContaining("'ten' is not a number");
        assertThatThrownBy(() -> Typed.number("1e3")).hasMessageContaining("not a number");
        assertThatThrownBy(() -> Typed.number("NaN")).hasMessageContaining("not a number");
        assertThatThrownBy(() -> Typed.number("1,000")).hasMessageContaining("1000 or 1.000");
    }
}
