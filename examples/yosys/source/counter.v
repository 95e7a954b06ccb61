// Counts up while it is enabled, and says when it starts again from zero.
module counter #(parameter WIDTH = 8) (
    input  wire             clock,
    input  wire             reset,
    input  wire             enable,
    output reg  [WIDTH-1:0] value,
    output wire             wraps
);
    assign wraps = enable && &value;

    always @(posedge clock)
        if (reset)
            value <= 0;
        else if (enable)
            value <= value + 1'b1;
endmodule
