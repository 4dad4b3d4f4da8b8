// Draws a rig's layers: blendshapes, skinning and projection, then one premultiplied texture.
// GLSL 3.30 and GLSL ES 3.00 alike; the version line is put in front. The sums are those of renderers/pose.py.

#if defined VERTEX_SHADER

uniform sampler2D shapes;   // displacement of vertex v by shape s in texel s * vertices + v, rows of `row` texels
uniform int vertices;
uniform int row;
uniform vec2 moving[64];    // (shape, weight) of the shapes that are not at 0
uniform int moving_count;
uniform vec4 neck[3];       // rows of a rotation with its translation
uniform vec4 head[3];
uniform vec4 camera;        // eye x, y, z in metres; photo pixels per metre at z = 0
uniform vec4 view;          // corner in photo pixels; output pixels per photo pixel
uniform vec2 middle;        // of the photo, in pixels
uniform vec2 size;          // of the output, in pixels
uniform float nearest;      // share of the camera's distance that nothing comes nearer than

in vec3 position;
in vec2 uv;
in vec2 shares;             // of neck and head
in float lift;              // added to the depth: later layers win ties
in float gain;              // what the light makes of the photo's colours

out vec2 texel;
out float shade;

vec3 turned(vec4 joint[3], vec3 point)
{
    vec4 p = vec4(point, 1.0);
    return vec3(dot(joint[0], p), dot(joint[1], p), dot(joint[2], p));
}

void main()
{
    vec3 p = position;
    for (int i = 0; i < moving_count; ++i) {
        int at = int(moving[i].x) * vertices + gl_VertexID;
        p += moving[i].y * texelFetch(shapes, ivec2(at % row, at / row), 0).xyz;
    }
    p += shares.x * (turned(neck, p) - p) + shares.y * (turned(head, p) - p);
    float nearness = camera.z / (camera.z - min(p.z, camera.z * nearest));
    vec2 away = (p.xy - camera.xy) * (camera.w * nearness);
    vec2 pixel = (middle + vec2(away.x, -away.y) - view.xy) * view.zw;
    // w = 1: texture coordinates run straight across the picture, as the other renderer has them. The first row
    // of the framebuffer is the top of the picture.
    gl_Position = vec4(pixel / size * 2.0 - 1.0, 1.0 - (nearness + lift) / 8.0, 1.0);
    texel = uv;
    shade = gain;
}

#elif defined FRAGMENT_SHADER

uniform sampler2D colours;  // premultiplied alpha
uniform int kind;           // 0 solid, 1 only where alpha is at least a half, 2 only where it is less

in vec2 texel;
in float shade;
out vec4 colour;

void main()
{
    colour = texture(colours, texel);
    bool firm = colour.a >= 0.5;
    if ((kind == 1 && !firm) || (kind == 2 && (firm || colour.a == 0.0))) discard;
    colour.rgb = min(colour.rgb * mix(1.0, shade, colour.a), colour.a);  // seams of hair hold some background
}

#endif
