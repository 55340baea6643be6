// Fingers on the canvas: what two of them mean, in whatever order they come and go.
#include "views/parts/fingers.h"

#include <gtest/gtest.h>

namespace shell {
namespace {

TEST(Fingers, OneFingerIsNoPinch) {
    Fingers fingers;
    fingers.down(1, {10, 10});
    fingers.move(1, {90, 10});
    EXPECT_FALSE(fingers.pinching());
    EXPECT_FALSE(fingers.take().active);
}

//  1 <-- 2 --> 1
TEST(Fingers, SpreadingZoomsAboutTheMiddle) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {200, 50});
    fingers.move(1, {50, 50});
    fingers.move(2, {250, 50});
    const Pinch pinch = fingers.take();
    EXPECT_TRUE(pinch.active);
    EXPECT_DOUBLE_EQ(pinch.zoom, 2);
    EXPECT_DOUBLE_EQ(pinch.at.x, 150);
    EXPECT_DOUBLE_EQ(pinch.moved.x, 0);
}

TEST(Fingers, MovingTogetherMovesAndDoesNotZoom) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {200, 50});
    fingers.move(1, {130, 70});
    fingers.move(2, {230, 70});
    const Pinch pinch = fingers.take();
    EXPECT_NEAR(pinch.zoom, 1, 1e-12);
    EXPECT_DOUBLE_EQ(pinch.moved.x, 30);
    EXPECT_DOUBLE_EQ(pinch.moved.y, 20);
}

TEST(Fingers, WhatWasTakenIsNotTakenAgain) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {200, 50});
    fingers.move(2, {300, 50});
    EXPECT_GT(fingers.take().zoom, 1);
    const Pinch still = fingers.take();
    EXPECT_TRUE(still.active);
    EXPECT_DOUBLE_EQ(still.zoom, 1);
}

TEST(Fingers, AfterAPinchTheFingerThatStaysIsNoPointerUntilItLeaves) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {200, 50});
    fingers.up(1);
    static_cast<void>(fingers.take());
    fingers.move(2, {20, 50});
    EXPECT_TRUE(fingers.pinching());
    EXPECT_FALSE(fingers.take().active);
    fingers.up(2);
    EXPECT_FALSE(fingers.pinching());
}

TEST(Fingers, FingersInOnePlaceDoNotZoomWithoutBounds) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {100, 50});
    fingers.move(2, {200, 50});
    EXPECT_DOUBLE_EQ(fingers.take().zoom, 10);
}

TEST(Fingers, AThirdFingerChangesNothing) {
    Fingers fingers;
    fingers.down(1, {100, 50});
    fingers.down(2, {200, 50});
    fingers.down(3, {0, 0});
    fingers.move(3, {500, 500});
    EXPECT_DOUBLE_EQ(fingers.take().zoom, 1);
    fingers.up(3);
    fingers.up(3);
    fingers.up(2);
    EXPECT_FALSE(fingers.pinching()) << "more are lifted than were down";
}

} // namespace
} // namespace shell
